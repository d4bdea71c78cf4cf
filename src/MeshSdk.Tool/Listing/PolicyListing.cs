using System.Text.Json;
using MeshSdk.Resources;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Listing;

/// <summary>Destination rules, with what they say for all ports.</summary>
internal sealed class PolicyListing : IListing
{
    private const string None = "<none>";

    public string Name => "policies";

    public IReadOnlyList<string> Kinds { get; } = ["DestinationRule"];

    public Table ToTable(MeshView view)
    {
        var table = view.NewTable("NAME", "HOST", "LOADBALANCER", "TLS", "AGE");
        foreach (var rule in view.Objects<DestinationRule>())
        {
            view.AddRow(
                table, rule.Metadata.Namespace, rule.Metadata.Name, rule.Spec.Host, LoadBalancerOf(rule) ?? None, TlsOf(rule) ?? None, view.AgeOf(rule));
        }

        return table;
    }

    public string ToJson(MeshView view) => JsonSerializer.Serialize(
        [.. view.Objects<DestinationRule>().Select(static rule => new ListedPolicy(
            rule.Kind,
            rule.Metadata.Namespace,
            rule.Metadata.Name,
            rule.Spec.Host,
            LoadBalancerOf(rule),
            TlsOf(rule),
            rule.Spec.ExportTo.OrEmpty(),
            rule.Metadata.CreationTimestamp))],
        GetJson.Readable.IReadOnlyListListedPolicy);

    /// <summary>As written.</summary>
    private static string? LoadBalancerOf(DestinationRule rule) => rule.Spec.TrafficPolicy?.LoadBalancer is { } settings
        ? settings.ConsistentHash is null ? settings.Simple : "CONSISTENT_HASH"
        : null;

    /// <summary>A block without a mode says DISABLE.</summary>
    private static string? TlsOf(DestinationRule rule) =>
        rule.Spec.TrafficPolicy?.Tls is { } tls ? tls.Mode is { Length: > 0 } mode ? mode : "DISABLE" : null;
}
