using MeshSdk.Resources;
using MeshSdk.Sources.Manifests;

namespace MeshSdk.Sources;

/// <summary>
/// Takes the faulty blocks out of a destination rule, so that the rest can be read. A fault makes unknown what it is in and what lies below
/// it: of an unknown <c>tls</c> nothing is sent, an unknown host may be any, unknown <c>exportTo</c> and <c>workloadSelector</c> hold
/// nobody off, and every other block takes its default.
/// </summary>
internal sealed class DestinationRuleSalvage
{
    private const string AnyHost = "*";

    private readonly IReadOnlyList<TextFault> _faults;

    private DestinationRuleSalvage(IReadOnlyList<TextFault> faults) => _faults = faults;

    /// <param name="rule">As written.</param>
    /// <param name="faults">All that is wrong with it; paths start at the rule.</param>
    /// <returns>The <c>spec</c> that can be read; null where the rule cannot have demanded anything.</returns>
    public static MappingNode? Spec(MappingNode rule, IReadOnlyList<TextFault> faults) => new DestinationRuleSalvage(faults).Spec(rule);

    /// <summary>The <c>spec</c> of a rule that nothing can be told of.</summary>
    public static MappingNode Unknown(int line) => Spec(line, AnyHost, UnknownPolicy(line));

    private MappingNode? Spec(MappingNode rule)
    {
        if (IsAtOrAbove("spec"))
        {
            return Unknown(rule.Line);
        }

        if (rule["spec"] is not MappingNode spec)
        {
            return null;
        }

        var policy = spec["trafficPolicy"] is { } written ? Policy(written, "spec.trafficPolicy") : null;
        if (IsFaulty("spec.host"))
        {
            return Demands(policy) ? Unknown(spec.Line) : null;
        }

        return new(spec.Line,
        [
            .. spec.Entries.Where(entry => entry.Key != "trafficPolicy" && !IsFaulty("spec." + entry.Key)),
            .. policy is null ? [] : new[] { KeyValuePair.Create("trafficPolicy", policy) },
        ]);
    }

    private ManifestNode Policy(ManifestNode node, string path)
    {
        if (IsAtOrAbove(path))
        {
            return UnknownPolicy(node.Line);
        }

        if (node is not MappingNode policy)
        {
            return node;
        }

        var entries = new List<KeyValuePair<string, ManifestNode>>();
        foreach (var (key, value) in policy.Entries)
        {
            var field = $"{path}.{key}";
            if (!IsFaulty(field))
            {
                entries.Add(new(key, value));
            }
            else if (key == "tls")
            {
                entries.Add(new(key, UnknownTls(value.Line)));
            }
            else if (key == "portLevelSettings")
            {
                if (Ports(value, field) is not { } ports)
                {
                    return UnknownPolicy(policy.Line);
                }

                entries.Add(new(key, ports));
            }
        }

        return new MappingNode(policy.Line, entries);
    }

    /// <summary>Null: there may be TLS settings for a port that cannot be told, so for any.</summary>
    private SequenceNode? Ports(ManifestNode node, string path)
    {
        if (IsAtOrAbove(path) || node is not SequenceNode list)
        {
            return null;
        }

        var entries = new List<ManifestNode>();
        for (var i = 0; i < list.Items.Count; i++)
        {
            var entryPath = $"{path}[{i}]";
            if (IsAtOrAbove(entryPath) || list.Items[i] is not MappingNode entry)
            {
                return null;
            }

            if (!IsFaulty(entryPath + ".port"))
            {
                entries.Add(Policy(entry, entryPath));
            }
            else if (entry["tls"] is not null)
            {
                return null;
            }
        }

        return new(list.Line, entries);
    }

    private static bool Demands(ManifestNode? policy) => policy is MappingNode mapping
        && ((mapping["tls"] is MappingNode tls && tls.Text("mode") is not (null or "" or "DISABLE"))
            || (mapping["portLevelSettings"] is SequenceNode ports && ports.Items.Any(Demands)));

    private bool IsAtOrAbove(string path) => _faults.Any(fault => TextFault.IsWithin(path, fault.Path));

    private bool IsFaulty(string path) => _faults.Any(fault => TextFault.IsWithin(path, fault.Path) || TextFault.IsWithin(fault.Path, path));

    private static MappingNode Spec(int line, string host, ManifestNode policy) =>
        new(line, [new("host", new ScalarNode(line, ScalarKind.Text, host)), new("trafficPolicy", policy)]);

    private static MappingNode UnknownPolicy(int line) => new(line, [new("tls", UnknownTls(line))]);

    private static MappingNode UnknownTls(int line) => new(line, [new("mode", new ScalarNode(line, ScalarKind.Text, ClientTlsSettings.Unreadable))]);
}
