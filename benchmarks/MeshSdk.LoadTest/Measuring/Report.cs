using System.Globalization;

namespace MeshSdk.LoadTest.Measuring;

/// <summary>Plain text tables, and a memory of the promises that were not kept.</summary>
internal sealed class Report
{
    private readonly List<string> _broken = [];

    public bool Kept => _broken.Count == 0;

    public void Table(string title, IReadOnlyList<string> columns, IReadOnlyList<string[]> rows)
    {
        var widths = columns.Select((c, i) => Math.Max(c.Length, rows.Max(r => r[i].Length))).ToArray();
        Console.WriteLine();
        Console.WriteLine(title);
        Line([.. columns]);
        Line([.. widths.Select(static w => new string('-', w))]);
        foreach (var row in rows)
        {
            Line(row);
        }

        // The first column is text, the others are figures.
        void Line(string[] cells) => Console.WriteLine(
            "  " + string.Join("  ", cells.Select((c, i) => i == 0 ? c.PadRight(widths[i]) : c.PadLeft(widths[i]))).TrimEnd());
    }

    /// <summary>A promise that makes the run fail where it is broken.</summary>
    /// <returns>How it stands, for a table.</returns>
    public string Promise(bool kept, string broken)
    {
        if (!kept)
        {
            _broken.Add(broken);
        }

        return kept ? "ok" : "BROKEN";
    }

    /// <summary>A goal that depends on the machine and its other work: shown, and not judged.</summary>
    /// <returns>How it stands, for a table.</returns>
    public static string Goal(bool reached) => reached ? "PASS" : "MISS";

    /// <summary>Counts the requests that failed, and shows some of the reasons.</summary>
    public static int Failures(string mode, IEnumerable<Answer> answers)
    {
        var failed = answers.Where(static answer => answer.Failure is not null).ToList();
        foreach (var reason in failed.GroupBy(static answer => answer.Failure).Take(5))
        {
            Console.WriteLine($"  {mode}: {reason.Key} ({reason.Count()} times)");
        }

        return failed.Count;
    }

    public void Summary()
    {
        Console.WriteLine();
        Console.WriteLine(Kept ? "every promise is kept" : $"{_broken.Count} broken:");
        _broken.ForEach(static b => Console.WriteLine("  " + b));
    }

    public static string Number(double value, string format = "0") => value.ToString(format, CultureInfo.InvariantCulture);
}
