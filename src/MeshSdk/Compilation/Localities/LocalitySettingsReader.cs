using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace MeshSdk.Compilation.Localities;

/// <summary>Reads a <c>localityLbSetting</c>. One that is wrong anywhere counts for nothing, as a whole: half of it would send calls where nobody wants them.</summary>
internal sealed class LocalitySettingsReader(DiagnosticList diagnostics)
{
    private const int Whole = 100;

    /// <param name="block">What is written.</param>
    /// <param name="hasOutlierDetection">Whether endpoints are ejected, without which failover has no effect.</param>
    /// <returns>Null where it is wrong.</returns>
    public LocalitySettings? Read(LocalityBlock block, bool hasOutlierDetection)
    {
        try
        {
            var settings = Parse(block.Value) with { Source = block };
            ReportIdle(block, settings, hasOutlierDetection);
            return settings;
        }
        catch (BlockException fault)
        {
            diagnostics.Error(
                block.Subject, DiagnosticCode.UnsupportedValue, $"{block.Path}{fault.Path}", $"{fault.Message}; the whole localityLbSetting is ignored");
            return null;
        }
    }

    /// <summary>The names of the labels that a setting prefers endpoints by, whatever else is wrong with it.</summary>
    public static IEnumerable<string> PriorityLabelsOf(JsonElement? block)
    {
        if (block is { ValueKind: JsonValueKind.Object } value && value.TryGetProperty("failoverPriority", out var list) && list.ValueKind == JsonValueKind.Array)
        {
            foreach (var entry in list.EnumerateArray())
            {
                if (entry.ValueKind == JsonValueKind.String && PriorityLabel.Parse(entry.GetString()) is { } label)
                {
                    yield return label.Name;
                }
            }
        }
    }

    private static LocalitySettings Parse(JsonElement block)
    {
        if (block.ValueKind != JsonValueKind.Object)
        {
            throw new BlockException("", "a mapping is expected");
        }

        var settings = new LocalitySettings
        {
            IsEnabled = Enabled(block),
            Distribute = [.. List(block, "distribute").Select(static (entry, i) => Distribution(entry, $".distribute[{Text(i)}]"))],
            Failover = [.. List(block, "failover").Select(static (entry, i) => Failover(entry, $".failover[{Text(i)}]"))],
            FailoverPriority = [.. List(block, "failoverPriority").Select(static (entry, i) => Label(entry, $".failoverPriority[{Text(i)}]"))],
        };
        RequireDisjoint(settings.Distribute.Select(static (distribution, i) => (distribution.From, $".distribute[{Text(i)}].from")));
        if (!settings.Distribute.IsEmpty && !settings.Failover.IsEmpty)
        {
            throw new BlockException(".failover", "distribute and failover exclude each other");
        }

        var place = settings.FailoverPriority.FirstOrDefault(static label => label.Name is TopologyLabels.Region or TopologyLabels.Zone or TopologyLabels.SubZone).Name;
        if (!settings.Failover.IsEmpty && place is not null)
        {
            throw new BlockException(".failoverPriority", $"failover says already what {place} would; leave out one of the two");
        }

        return settings;
    }

    private void ReportIdle(LocalityBlock block, LocalitySettings settings, bool hasOutlierDetection)
    {
        if (!settings.IsEnabled)
        {
            return;
        }

        Report(settings.Failover.IsEmpty, "failover");
        Report(settings.FailoverPriority.IsEmpty, "failoverPriority");

        void Report(bool isEmpty, string field)
        {
            if (isEmpty)
            {
                return;
            }

            if (!settings.Distribute.IsEmpty)
            {
                diagnostics.Warning(block.Subject, DiagnosticCode.Ignored, $"{block.Path}.{field}", "it has no effect beside distribute");
            }
            else if (!hasOutlierDetection)
            {
                diagnostics.Warning(
                    block.Subject, DiagnosticCode.Ignored, $"{block.Path}.{field}", "it has no effect without outlierDetection; add that to the same traffic policy");
            }
        }
    }

    private static LocalityDistribution Distribution(JsonElement entry, string path)
    {
        var from = Pattern(Member(entry, "from"), $"{path}.from");
        if (Member(entry, "to") is not { ValueKind: JsonValueKind.Object } to)
        {
            throw new BlockException($"{path}.to", "a mapping of localities to weights is expected");
        }

        var targets = ImmutableArray.CreateBuilder<(LocalityPattern Locality, int Weight)>();
        foreach (var target in to.EnumerateObject())
        {
            var targetPath = $"{path}.to[{target.Name}]";
            if (!LocalityPattern.TryParse(target.Name, out var locality))
            {
                throw new BlockException(targetPath, NoPattern(target.Name));
            }

            if (target.Value.ValueKind != JsonValueKind.Number || !target.Value.TryGetInt32(out var weight) || weight is < 1 or > Whole)
            {
                throw new BlockException(targetPath, $"{target.Value.GetRawText()} is no weight from 1 to 100");
            }

            targets.Add((locality, weight));
        }

        var sum = targets.Sum(static target => target.Weight);
        if (sum != Whole)
        {
            throw new BlockException($"{path}.to", string.Create(CultureInfo.InvariantCulture, $"the weights add up to {sum} and not to 100"));
        }

        RequireDisjoint(targets.Select(target => (target.Locality, $"{path}.to[{target.Locality}]")));
        return new LocalityDistribution(from, targets.ToImmutable());
    }

    private static RegionFailover Failover(JsonElement entry, string path)
    {
        var failover = new RegionFailover(Region(Member(entry, "from"), $"{path}.from"), Region(Member(entry, "to"), $"{path}.to"));
        return failover.From != failover.To ? failover : throw new BlockException($"{path}.to", $"{failover.To} cannot stand in for itself");
    }

    private static string Region(JsonElement? value, string path) =>
        value is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } region && !region.AsSpan().ContainsAny('/', '*')
            ? region
            : throw new BlockException(path, $"{Raw(value)} is no name of a region");

    private static PriorityLabel Label(JsonElement entry, string path) =>
        (entry.ValueKind == JsonValueKind.String ? PriorityLabel.Parse(entry.GetString()) : null)
        ?? throw new BlockException(path, $"{Raw(entry)} is neither a label nor label=value");

    private static LocalityPattern Pattern(JsonElement? value, string path) =>
        value is { ValueKind: JsonValueKind.String } text && LocalityPattern.TryParse(text.GetString(), out var pattern)
            ? pattern
            : throw new BlockException(path, NoPattern(Raw(value)));

    private static string NoPattern(string text) => $"{text} is no locality as region/zone/subzone, of which the last part may be *";

    private static void RequireDisjoint(IEnumerable<(LocalityPattern Pattern, string Path)> patterns)
    {
        var known = new List<LocalityPattern>();
        foreach (var (pattern, path) in patterns)
        {
            if (known.Find(pattern.Overlaps) is { } other)
            {
                throw new BlockException(path, $"{pattern} overlaps with {other}");
            }

            known.Add(pattern);
        }
    }

    private static bool Enabled(JsonElement block) => Member(block, "enabled") switch
    {
        null or { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        var other => throw new BlockException(".enabled", $"{Raw(other)} is neither true nor false"),
    };

    private static JsonElement.ArrayEnumerator List(JsonElement block, string name) => Member(block, name) switch
    {
        null => default,
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray(),
        _ => throw new BlockException($".{name}", "a list is expected"),
    };

    private static JsonElement? Member(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    private static string Raw(JsonElement? value) => value?.GetRawText() ?? "nothing";

    private static string Text(int index) => index.ToString(CultureInfo.InvariantCulture);

    private sealed class BlockException(string path, string message) : Exception(message)
    {
        public string Path { get; } = path;
    }
}
