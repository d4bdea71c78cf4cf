using System.Text.RegularExpressions;
using MeshSdk.Resources;
using MeshSdk.Resources.Json;

namespace MeshSdk.Sources;

/// <summary>
/// Looks for destination rules in a text that is neither YAML nor JSON. What they demand cannot be told, so the calls that they may be about
/// fail: those to the host, where the text holds one object and one host, else those to whatever a rule of its namespace can be about.
/// </summary>
internal static partial class DestinationRuleScan
{
    private const string AnyHost = "*";

    /// <param name="text">From the beginning of a document, or of several where it is not known where one ends.</param>
    /// <param name="origin">Of the text.</param>
    public static IEnumerable<StandIn> Find(string text, ResourceOrigin origin)
    {
        text = WithoutComments(text);
        if (!Rule().IsMatch(text))
        {
            return [];
        }

        var isOne = Kind().Count(text) == 1 && !text.Contains("DestinationRuleList", StringComparison.Ordinal);
        var hosts = Words(Host(), text);
        var name = isOne ? Words(Name(), text).FirstOrDefault() : null;
        var host = isOne && hosts.Count == 1 && HostKey().Count(text) == 1 ? hosts[0] : AnyHost;
        return NamespacesIn(text).Select(ns => new StandIn(
            new DestinationRule
            {
                Metadata = new ObjectMeta { Namespace = ns, Name = name ?? MadeUpName(origin) },
                Spec = new DestinationRuleSpec
                {
                    Host = host,
                    TrafficPolicy = new TrafficPolicy { Tls = new ClientTlsSettings { Mode = ClientTlsSettings.Unreadable } },
                },
                Origin = origin,
            },
            IsNamed: name is not null));
    }

    /// <summary>No name that an object can have, so that it cannot be taken for another one's.</summary>
    public static string MadeUpName(ResourceOrigin origin) => $"{origin.File}:{origin.Line}";

    public static string WithoutComments(string text) => Comment().Replace(text, "");

    /// <summary>All that objects in a text may be of.</summary>
    public static IReadOnlyList<string> NamespacesIn(string text) => Words(Namespace(), text) is { Count: > 0 } found ? found : [ResourceKind.DefaultNamespace];

    private static List<string> Words(Regex pattern, string text) => [.. pattern.Matches(text).Select(match => match.Groups[1].Value).Distinct()];

    [GeneratedRegex(@"^[ \t]*#.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\bkind\b[""']?\s*:[^\n#]*?\bDestinationRule(List)?\b")]
    private static partial Regex Rule();

    [GeneratedRegex(@"\bkind\b")]
    private static partial Regex Kind();

    [GeneratedRegex(@"\bhost\b")]
    private static partial Regex HostKey();

    // All of the value or none of it: half a host is another host.
    [GeneratedRegex(@"\bhost\b[""']?[ \t]*:[ \t]*[""']?([*A-Za-z0-9][-.*A-Za-z0-9]*)(?=[""']?[ \t]*(?:[,}\r\n]|[ \t]#|\z))")]
    private static partial Regex Host();

    [GeneratedRegex(@"\bname\b[""']?[ \t]*:[ \t]*[""']?([a-z0-9][-.a-z0-9]*)")]
    private static partial Regex Name();

    // The first that looks like one: whatever stands around it is more likely to be the fault than part of the name.
    [GeneratedRegex(@"\bnamespace\b[""']?[ \t]*:[^\w\n]*([a-z0-9][-a-z0-9]*)")]
    private static partial Regex Namespace();
}
