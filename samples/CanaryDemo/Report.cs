using System.Diagnostics;
using System.Globalization;
using CanaryDemo.Identity;
using Spectre.Console;

namespace CanaryDemo;

/// <summary>What the demo shows: in colour with a live table on a terminal, in plain lines elsewhere.</summary>
internal sealed class Report
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);

    private readonly IAnsiConsole _console;
    private readonly bool _isLive;

    private Report(IAnsiConsole console, bool isLive)
    {
        _console = console;
        _isLive = isLive;
    }

    public static Report To(TextWriter output, DemoOptions options)
    {
        var isLive = !options.Plain && !Console.IsOutputRedirected;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isLive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isLive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isLive ? InteractionSupport.Detect : InteractionSupport.No,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = isLive },
        });
        if (!isLive)
        {
            // Lines are for whoever reads them later: nothing is folded.
            console.Profile.Width = 200;
        }

        return new Report(console, isLive && console.Profile.Capabilities.Interactive);
    }

    public void Begin(IReadOnlyList<Pod> pods, Uri cluster, Workload client, string? certificates)
    {
        foreach (var version in pods.GroupBy(pod => pod.Version))
        {
            Line($"backend-{version.Key}: {string.Join(", ", version.Select(pod => pod.Address))}");
        }

        Line($"kubernetes: an API server in this process, at {cluster.GetLeftPart(UriPartial.Authority)}, with mesh/*.yaml applied and the backends as pods");
        Line($"security: ISTIO_MUTUAL, as the DestinationRules want it. Each pod has a certificate of its service account, and so has the client:");
        Line($"  {Workload.IdOf(client.Account)}; the authority and all {(certificates is null ? "" : "other ")}keys are in memory");
        if (certificates is not null)
        {
            Line($"  the client's key is in {certificates}, for this user alone and until the demo ends");
        }
    }

    public void Calls(int requests) => Heading($"{requests} calls to http://backend");

    public void Reply(Reply reply) =>
        _console.Write(new Text(reply.Text, !reply.Succeeded ? Color.Red : reply.Text.Contains("v2") ? Color.Yellow : Color.Green));

    public void Phase(Weights weights, TimeSpan applied) =>
        Heading(applied == TimeSpan.Zero
            ? $"Weights {weights}, {Traffic.RequestsPerSecond} calls a second by {Traffic.Callers} callers"
            : string.Create(CultureInfo.InvariantCulture, $"Weights {weights}: PATCH of the HTTPRoute, in force {applied.TotalMilliseconds:0} ms later, calls go on"));

    public void Rotation(int workloads) => Heading($"Certificates: new ones for {workloads} workloads, calls go on");

    public void Rotated(TimeSpan after) =>
        Line(string.Create(CultureInfo.InvariantCulture, $"every backend is called over a connection that was made with them {after.TotalSeconds:0.0} s later"));

    /// <summary>Shows a split as it grows.</summary>
    public async Task FollowAsync(Func<Split> read, TimeSpan duration, CancellationToken cancellationToken)
    {
        if (_isLive)
        {
            await _console.Live(TableOf(read())).AutoClear(true).StartAsync(async live =>
                await RepeatAsync(Refresh, duration, () => live.UpdateTarget(TableOf(read())), cancellationToken));
        }
        else
        {
            await RepeatAsync(TimeSpan.FromSeconds(1), duration, () => Line(LineOf(read())), cancellationToken);
        }
    }

    public void Split(Split split)
    {
        _console.Write(TableOf(split));
        if (split.Problem is not null)
        {
            Line($"{split.Failed} calls failed, the first one with: {split.Problem}", Color.Red);
        }
    }

    /// <summary>What to copy into a second terminal.</summary>
    public void Commands(string kubeconfig, string certificates)
    {
        Heading("Steer it from a second terminal:");
        foreach (var command in SecondTerminal.Commands(kubeconfig, certificates))
        {
            // Past the console, which would fold a long line where none may be folded.
            _console.Profile.Out.Writer.WriteLine($"  {command}");
        }
    }

    public void Steering(TimeSpan? duration) => Heading(
        $"{Traffic.RequestsPerSecond} calls a second by {Traffic.Callers} callers, {(duration is null ? "until Ctrl+C" : $"for {duration.Value.TotalSeconds} s")}");

    public void Route(string description) => Line(description, Color.Aqua);

    /// <summary>The calls of one second.</summary>
    public void Second(Shares shares)
    {
        if (shares.Succeeded + shares.Failed == 0)
        {
            Line("no call ended in this second", Color.Red);
            return;
        }

        // What the text leaves of a line is shared by the bars.
        var cells = _isLive ? Math.Clamp(_console.Profile.Width - 90, 0, 50) : 0;
        var line = new Paragraph();
        foreach (var (name, count, pods) in shares.Services)
        {
            var share = (double)count / Math.Max(1, shares.Succeeded);
            var text = string.Create(CultureInfo.InvariantCulture, $"{name} {count,3} ({100 * share,5:0.0} %, {pods} {(pods == 1 ? "pod) " : "pods)")}  ");
            line.Append($"{text}{new string('█', (int)Math.Round(share * cells))}{(cells > 0 ? " " : "")}", ColorOf(name));
        }

        _console.Write(line.Append($"{shares.Failed} failed\n", shares.Failed > 0 ? Color.Red : Color.Default));
        if (shares.Problem is not null)
        {
            Line(shares.Problem, Color.Red);
        }
    }

    public void Total(int requests, int failed, string when) => Heading($"{requests} calls {when}, {failed} failed");

    public void End(bool holds) =>
        Line(
            holds ? "Every call succeeded, and every split was as its weights promise." : "Not every call succeeded, or not every split was as its weights promise.",
            holds ? Color.Green : Color.Red);

    public void Heading(string text)
    {
        _console.WriteLine();
        Line(text, Color.Aqua);
    }

    public void Line(string text, Color? color = null) => _console.WriteLine(text, color ?? Color.Default);

    private static async Task RepeatAsync(TimeSpan interval, TimeSpan duration, Action action, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(interval);
        while (Stopwatch.GetElapsedTime(started) < duration - (interval / 2) && await timer.WaitForNextTickAsync(cancellationToken))
        {
            action();
        }
    }

    private static Color ColorOf(string service) => service.EndsWith('2') ? Color.Yellow : Color.Green;

    private static string LineOf(Split split) =>
        $"{split.Requests} calls: {string.Join(", ", split.Rows.Where(row => row.Weight is not null).Select(row => $"{row.Name} {row.Count}"))}, {split.Failed} failed";

    private Table TableOf(Split split)
    {
        var table = new Table { Border = _isLive ? TableBorder.Rounded : TableBorder.Ascii2 };
        table.AddColumn("service and endpoints");
        foreach (var heading in new[] { "weight", "calls", "share", "expected" })
        {
            table.AddColumn(new TableColumn(heading).RightAligned());
        }

        table.AddColumn("proved to be");
        table.AddColumn("");
        foreach (var row in split.Rows)
        {
            var style = new Style(row.Weight is null ? Color.Default : ColorOf(row.Name));
            table.AddRow(
                new Text(row.Name, style),
                new Text($"{row.Weight}", style),
                new Text($"{row.Count}", style),
                new Text(string.Create(CultureInfo.InvariantCulture, $"{100.0 * row.Count / Math.Max(1, split.Requests):0.0} %"), style),
                new Text(row.Expected, style),
                new Text(string.Join(", ", row.Peers), style),
                new Text(row.Holds ? "ok" : "off", row.Holds ? Color.Green : Color.Red));
        }

        return table;
    }
}
