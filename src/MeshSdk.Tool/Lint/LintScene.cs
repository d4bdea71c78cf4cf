using MeshSdk.Compilation;
using MeshSdk.Compilation.Policies;
using MeshSdk.Compilation.Tls;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tool.Lint;

/// <summary>What rules may look at beside the object that they judge.</summary>
internal sealed class LintScene(LintInput input, CallerContext caller)
{
    private readonly ILookup<string, LintObject> _slices = input.Objects
        .Where(static one => one is { Group: "discovery.k8s.io", Kind: "EndpointSlice" })
        .ToLookup(static slice => $"{slice.Root["metadata"]["labels"]["kubernetes.io/service-name"].Text}.{slice.Namespace}", StringComparer.Ordinal);

    private readonly Dictionary<(string Group, string Subject), LintObject> _first = input.Objects
        .DistinctBy(static one => (one.Group, one.Subject))
        .ToDictionary(static one => (one.Group, one.Subject));

    private readonly HashSet<string> _services = input.Objects
        .Where(static one => one is { Group: "", Kind: "Service" })
        .Select(static service => $"{service.Namespace}/{service.Name}")
        .ToHashSet(StringComparer.Ordinal);

    private readonly bool _meshEjects = input.Resources.OfType<MeshConfigMap>()
        .Any(map => map.Metadata.Namespace == caller.RootNamespace && MeshConfigReader.Read(map, new DiagnosticList()).Defaults.OutlierDetection.Exists);

    private readonly string[] _ejecting =
    [
        .. input.Resources.OfType<Service>()
            .Where(static service => OutlierAnnotation.Of(service, new DiagnosticList()).Exists)
            .Select(service => $"{service.Metadata.Name}.{service.Metadata.Namespace}.svc.{caller.ClusterDomain}"),
    ];

    private readonly ResourceStore _peers = PeersOf(input);

    public string ClusterDomain => caller.ClusterDomain;

    public string RootNamespace => caller.RootNamespace;

    /// <summary>What the peer authentications of the files ask of those who call a namespace, as far as they are for all of its pods.</summary>
    public StatedPeerMode PeersOf(string @namespace) => PeerModes.Of(_peers, @namespace, RootNamespace).Namespace;

    /// <summary>The peer authentication without a selector that counts in the place of this one; null where this one does.</summary>
    public LintObject? PeersBefore(LintObject subject) =>
        _peers.Peers.In(subject.Namespace).FirstOrDefault(static policy => !policy.HasSelector) is { } first && first.Metadata.Name != subject.Name
            ? _first.GetValueOrDefault((subject.Group, first.ToString()))
            : null;

    /// <summary>The first object of this name in the files is another one.</summary>
    public LintObject? EarlierOf(LintObject subject) => _first[(subject.Group, subject.Subject)] is var first && first != subject ? first : null;

    /// <summary>How many endpoints a host has in the files; null where they hold none of it.</summary>
    public int? EndpointsOf(string host, string @namespace)
    {
        var suffix = $".svc.{ClusterDomain}";
        var name = host.EndsWith(suffix, StringComparison.Ordinal) ? host[..^suffix.Length]
            : host.Contains('.', StringComparison.Ordinal) ? null
            : $"{host}.{@namespace}";
        return name is not null && _slices.Contains(name) ? _slices[name].Sum(static slice => slice.Root["endpoints"].Items.Count) : null;
    }

    /// <summary>The Service of the files that a host means, which may begin with a wildcard; null where it means none of them.</summary>
    /// <param name="host">As Istio's objects write it: a name without a dot is completed.</param>
    /// <param name="namespace">In which it stands.</param>
    public string? ServiceOf(string host, string @namespace)
    {
        var suffix = $".svc.{ClusterDomain}";
        var full = Full(host, @namespace);
        return _services.Order(StringComparer.Ordinal).FirstOrDefault(service =>
            service.Split('/') is [var ns, var name] && ResourceStoreRules.Covers(full, $"{name}.{ns}{suffix}"));
    }

    /// <summary>Whether the mesh or a Service that a host means has outlier detection of its own, for policies that do not state it.</summary>
    public bool EjectsWithoutRule(string host, string @namespace) =>
        _meshEjects || _ejecting.Any(service => ResourceStoreRules.Covers(Full(host, @namespace), service));

    private static ResourceStore PeersOf(LintInput input)
    {
        var store = new ResourceStore();
        store.Apply([.. input.Resources.OfType<PeerAuthentication>()], []);
        return store;
    }

    private string Full(string host, string @namespace) =>
        host.Contains('.', StringComparison.Ordinal) || host == "*" ? host : $"{host}.{@namespace}.svc.{ClusterDomain}";
}
