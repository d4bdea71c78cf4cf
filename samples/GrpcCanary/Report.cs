namespace GrpcCanary;

/// <summary>What the demo shows: a heading for each step, under it what was found, and whether it is as it should be.</summary>
internal sealed class Report(TextWriter output, bool isColoured)
{
    private const string Green = "\u001b[32m";
    private const string Red = "\u001b[31m";
    private const string Aqua = "\u001b[36m";
    private const string Plain = "\u001b[0m";

    private int _steps;

    /// <summary>Whether nothing was off so far.</summary>
    public bool Holds { get; private set; } = true;

    public void Line(string text) => output.WriteLine(text);

    public void Step(string title)
    {
        _steps++;
        output.WriteLine();
        output.WriteLine(Coloured(Aqua, $"{_steps}. {title}"));
    }

    /// <summary>One thing that was found.</summary>
    public void Finding(bool holds, string text)
    {
        Holds &= holds;
        output.WriteLine($"   {(holds ? Coloured(Green, "ok ") : Coloured(Red, "off"))}  {text}");
    }

    public void End()
    {
        output.WriteLine();
        output.WriteLine(Holds
            ? Coloured(Green, "No call failed, and all came out as the manifests promise.")
            : Coloured(Red, "Not all came out as the manifests promise."));
    }

    private string Coloured(string colour, string text) => isColoured ? $"{colour}{text}{Plain}" : text;
}
