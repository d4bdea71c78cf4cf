using System.Globalization;
using System.Text;
using MeshSdk.Telemetry;

namespace MeshSdk.Tool.Curl;

/// <summary>Who answered how many requests, how well and how fast.</summary>
internal sealed class CurlSummary
{
    private const string Nobody = "(no backend)";
    private readonly List<CurlResult> _results = [];

    public void Add(CurlResult result) => _results.Add(result with
    {
        Body = "",
        Content = default,
        Headers = new Dictionary<string, string>(),
        HeaderLines = [],
    });

    /// <summary>A line for each backend, and below it one for each of its endpoints.</summary>
    public override string ToString()
    {
        var rows = new List<(string Name, CurlResult[] Results)>();
        foreach (var backend in Group(_results, static r => r.Backend ?? Nobody))
        {
            rows.Add((backend.Key, [.. backend]));
            rows.AddRange(Group(backend.Where(static r => r.Endpoint is not null), static r => r.Endpoint!)
                .Select(static endpoint => ($"  {endpoint.Key}", endpoint.ToArray())));
        }

        var width = rows.Select(static r => r.Name.Length).Append("BACKEND".Length).Max();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{"BACKEND".PadRight(width)}  REQUESTS   SHARE  FAILURES    P50 ms    P99 ms  ATTEMPTS  FLAGS\n");
        foreach (var (name, results) in rows)
        {
            Row(text, name.PadRight(width), results);
        }

        return text.ToString();
    }

    private void Row(StringBuilder text, string name, CurlResult[] results)
    {
        var times = results.Select(static r => r.Ms).Order().ToArray();
        var share = 100.0 * results.Length / _results.Count;
        text.Append(
            CultureInfo.InvariantCulture,
            $"{name}  {results.Length,8}  {share,5:0.0}%  {results.Count(static r => r.Failed),8}  {Percentile(times, 0.5),8:0.00}  {Percentile(times, 0.99),8:0.00}  "
                + $"{results.Sum(static r => r.Attempts),8}  {FlagsOf(results)}\n");
    }

    /// <summary>As in <c>UO 3; UF,URX 1</c>, the most frequent first; each as one response had it.</summary>
    private static string FlagsOf(CurlResult[] results)
    {
        var counts = results.GroupBy(static r => r.Flags)
            .Where(static flags => flags.Key != ResponseFlags.None)
            .OrderByDescending(static flags => flags.Count())
            .ThenBy(static flags => flags.Key, StringComparer.Ordinal)
            .Select(static flags => $"{flags.Key} {flags.Count()}");
        return string.Join("; ", counts) is { Length: > 0 } text ? text : ResponseFlags.None;
    }

    /// <summary>The smallest time that at least this part of the requests kept to.</summary>
    private static double Percentile(double[] sorted, double part) => sorted[Math.Max(0, (int)Math.Ceiling(part * sorted.Length) - 1)];

    private static IOrderedEnumerable<IGrouping<string, CurlResult>> Group(IEnumerable<CurlResult> results, Func<CurlResult, string> key) =>
        results.GroupBy(key).OrderBy(static g => g.Key, StringComparer.Ordinal);
}
