using System.Text.Json;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Listing;

/// <summary>
/// Destination rules and peer authentications, with what they say for all ports, and the policies of the Gateway API; and the services that each of them holds
/// for.
/// </summary>
internal sealed class PolicyListing : IListing
{
    private const string None = "<none>";
    private const string Unknown = "<unknown>";
    private const int MostNames = 3;

    public string Name => "policies";

    // Without the Services nobody could tell for which of them a policy holds.
    public IReadOnlyList<string> Kinds { get; } = ["Service", "DestinationRule", "BackendTLSPolicy", "XBackendTrafficPolicy", PeerAuthentication.KindName];

    public Table ToTable(MeshView view)
    {
        var table = view.NewTable("NAME", "HOST", "LOADBALANCER", "TLS", "BLOCKS", "APPLIES-TO", "AGE");
        Resource[] policies = [.. All(view)];
        var targets = new PolicyTargets(view);

        // Where there are several kinds a name alone does not say which one is meant: kubectl writes it so too.
        var withKind = policies.Any(static policy => policy is not DestinationRule);
        foreach (var policy in policies)
        {
            var name = policy.Metadata.Name;
            view.AddRow(
                table,
                policy.Metadata.Namespace,
                withKind ? $"{policy.Kind.ToLowerInvariant()}/{name}" : name,
                HostOf(policy) ?? OrNone(policy is PeerAuthentication peers ? PeerTargets.SelectorOf(peers) : TargetsOf(policy).Select(TextOf)),
                LoadBalancerOf(policy) ?? None,
                TlsOf(policy) ?? None,
                OrNone(PolicyBlocks.Of(policy)),
                targets.IsElsewhere(policy) ? Unknown : OrNone(Shorten([.. targets.Of(policy).Select(service => NameOf(service, policy))])),
                view.AgeOf(policy));
        }

        return table;
    }

    public string ToJson(MeshView view)
    {
        var targets = new PolicyTargets(view);
        return JsonSerializer.Serialize(
            [.. All(view).Select(policy => new ListedPolicy(
                policy.Kind,
                policy.Metadata.Namespace,
                policy.Metadata.Name,
                HostOf(policy),
                LoadBalancerOf(policy),
                TlsOf(policy),
                (policy as DestinationRule)?.Spec.ExportTo.OrEmpty() ?? [],
                policy.Metadata.CreationTimestamp,
                [.. TargetsOf(policy)])
            {
                Blocks = [.. PolicyBlocks.Of(policy)],
                Selector = (policy as PeerAuthentication)?.Spec.Selector?.MatchLabels,
                AppliesTo = [.. targets.Of(policy).Select(static service => new ListedServiceName(service.Namespace, service.Name))],
            })],
            GetJson.Readable.IReadOnlyListListedPolicy);
    }

    /// <summary>Those of a namespace together, kind by kind.</summary>
    private static IEnumerable<Resource> All(MeshView view) => view.Objects<DestinationRule>()
        .Concat<Resource>(view.Objects<BackendTlsPolicy>())
        .Concat(view.Objects<BackendTrafficPolicy>())
        .Concat(view.Objects<PeerAuthentication>())
        .OrderBy(static policy => policy.Metadata.Namespace, StringComparer.Ordinal);

    private static string? HostOf(Resource policy) => (policy as DestinationRule)?.Spec.Host;

    private static IEnumerable<ListedTarget> TargetsOf(Resource policy) =>
        from target in (policy as PolicyResource)?.Targets ?? []
        where target is not null
        select new ListedTarget(target.Kind, target.Name, string.IsNullOrEmpty(target.SectionName) ? null : target.SectionName);

    /// <summary>As a host, where it is a Service; a section of it behind a colon, where a port would be.</summary>
    private static string TextOf(ListedTarget target) =>
        (target.Kind == "Service" ? "" : $"{target.Kind.ToLowerInvariant()}/") + target.Name + (target.SectionName is { } section ? $":{section}" : "");

    private static string OrNone(IEnumerable<string> names) => string.Join(',', names) is { Length: > 0 } text ? text : None;

    /// <summary>With its namespace where that is not the policy's.</summary>
    private static string NameOf(ServiceId service, Resource policy) =>
        service.Namespace == policy.Metadata.Namespace ? service.Name : $"{service.Name}.{service.Namespace}";

    /// <summary>A wildcard may cover them all, and a table is to be read.</summary>
    private static IEnumerable<string> Shorten(IReadOnlyList<string> names) =>
        names.Count <= MostNames ? names : [.. names.Take(MostNames), $"+{names.Count - MostNames}"];

    /// <summary>As written.</summary>
    private static string? LoadBalancerOf(Resource policy) => (policy as DestinationRule)?.Spec.TrafficPolicy?.LoadBalancer is { } settings
        ? settings.ConsistentHash is null ? settings.Simple : "CONSISTENT_HASH"
        : null;

    /// <summary>
    /// A block without a mode says DISABLE in a DestinationRule, and UNSET in a PeerAuthentication. A BackendTLSPolicy is what a DestinationRule has SIMPLE for.
    /// </summary>
    private static string? TlsOf(Resource policy) => policy switch
    {
        DestinationRule { Spec.TrafficPolicy.Tls: { } tls } => tls.Mode is { Length: > 0 } mode ? mode : "DISABLE",
        BackendTlsPolicy => "SIMPLE",
        PeerAuthentication peers => PeerTargets.ModeOf(peers.Spec.Mtls),
        _ => null,
    };
}
