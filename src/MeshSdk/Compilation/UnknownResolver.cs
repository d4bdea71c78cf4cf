using System.Collections.Immutable;
using MeshSdk.Compilation.Coexistence;
using MeshSdk.Compilation.Inbound;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>
/// Whether it can be told what applies to a service. Absence is not permission: a call that depends on objects which nobody could read must not
/// be treated as if there were none.
/// </summary>
internal sealed class UnknownResolver(ResourceStore store, CallerContext caller)
{
    /// <summary>For now, and worth trying again: what cannot be known today may be known in a moment, or after a grant.</summary>
    public const int Status = 503;

    private const string HttpRoutes = "HTTPRoute";
    private const string GrpcRoutes = "GRPCRoute";
    private const string TlsPolicy = "BackendTLSPolicy";
    private const string Grant = "ReferenceGrant";
    private const string Slice = "EndpointSlice";
    private const string Service = "Service";
    private const string Pod = "Pod";

    private readonly PolicyResolver _policies = new(caller, store.Rules, store.Unknown);

    /// <summary>Set where it cannot be told which HTTPRoutes a namespace has.</summary>
    public RouteFailure? HttpRoutesIn(string @namespace) => RoutesIn(HttpRoutes, @namespace);

    /// <summary>Set where it cannot be told which GRPCRoutes a namespace has.</summary>
    public RouteFailure? GrpcRoutesIn(string @namespace) => RoutesIn(GrpcRoutes, @namespace);

    /// <summary>Set where it cannot be told which references into a namespace are permitted.</summary>
    public RouteFailure? Grants(string @namespace) => store.Unknown.Find(Grant, @namespace) is { } scope
        ? Failure(DiagnosticCode.PolicyUnknown, $"it is not known which {Grant}s there are in namespace {@namespace}", scope)
        : null;

    /// <summary>Set where a service that exists cannot be used as a backend: its policy or its endpoints are not known, or it must not be called past its waypoint.</summary>
    public RouteFailure? Backend(ServiceId id)
    {
        // By way of its waypoint nothing else has to be known; past it, everything.
        if (store.FindService(id) is { } service && WaypointPath.Of(store, service, caller) is { IsBypassed: false } path)
        {
            return path.Refusal;
        }

        if (store.Unknown.IsEmpty)
        {
            return null;
        }

        return _policies.FindUnknown(id.Namespace, store.HostOf(id)) is { } rules
            ? Failure(DiagnosticCode.PolicyUnknown, $"it is not known which {PolicyResolver.Kind} applies to Service {id}", rules)
            : TlsOf(id) is { } tls ? tls
            : store.Unknown.Find(Slice, id.Namespace, id.Name) is { } slices
            ? Failure(DiagnosticCode.EndpointsUnknown, $"it is not known which endpoints Service {id} has", slices)
            : null;
    }

    /// <summary>Set where it cannot be told whether a service asks for TLS, and no rule of the caller's says how TLS is done with it.</summary>
    public RouteFailure? TlsOf(ServiceId id) =>
        store.Unknown.Find(TlsPolicy, id.Namespace) is { } policies && !_policies.StatesTls(id.Namespace, store.HostOf(id))
            ? Failure(DiagnosticCode.PolicyUnknown, $"it is not known which {TlsPolicy} applies to Service {id}", policies)
            : null;

    /// <summary>Why it cannot be told what peer authentications ask of those who call a namespace, for people; null where it can.</summary>
    public string? Peers(string @namespace) => MatterOf(PeerAuthentication.KindName, @namespace)?.ToString();

    /// <summary>What cannot be told of what is asked of those who call the pods of a namespace; null where all can.</summary>
    public UnknownMatter? Inbound(string @namespace) =>
        MatterOf(AuthorizationPolicy.KindName, @namespace) ?? MatterOf(PeerAuthentication.KindName, @namespace) ?? MeshConfig();

    /// <summary>Whether there may be a ConfigMap of the mesh that nobody could read.</summary>
    public bool IsMeshConfigUnread => UnreadMeshConfig() is not null;

    /// <summary>Set where it cannot be told which pods are behind a service.</summary>
    public UnknownScope? Pods(ServiceId id) => store.Unknown.Find(Pod, id.Namespace, id.Name);

    /// <summary>All that is not known of what decides how the endpoints of a service are spoken to.</summary>
    public ImmutableArray<UnknownScope?> OfTls(ServiceId id) => store.Unknown.IsEmpty ? [] : OfTls(store, store.Unknown, id, caller);

    /// <summary>Whether the same is not known, for whatever reason.</summary>
    public static bool AreAlike(ImmutableArray<UnknownScope?> one, ImmutableArray<UnknownScope?> other)
    {
        for (var i = 0; i < Math.Max(one.Length, other.Length); i++)
        {
            if (!UnknownScope.AreAlike(i < one.Length ? one[i] : null, i < other.Length ? other[i] : null))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Set where a service that the store does not have may exist all the same.</summary>
    public RouteFailure? Missing(ServiceId id) => store.Unknown.Find(Service, id.Namespace, id.Name) is { } scope
        ? Failure(DiagnosticCode.BackendUnknown, $"it is not known whether there is a Service {id}", scope)
        : null;

    /// <summary>
    /// Names the services whose compiled form may be another one when <paramref name="next"/> takes the place of what is unknown now. Another reason
    /// alone is none: an API server that is away has a new one with each attempt, and every service would be compiled for a changed text.
    /// </summary>
    public static IReadOnlyCollection<ServiceId> Touched(ResourceStore store, ResourceStoreUnknown next, CallerContext caller)
    {
        var dirty = new HashSet<ServiceId>();
        var change = new UnknownChange(store.Unknown, next);
        if (change.IsEmpty)
        {
            return dirty;
        }

        foreach (var id in store.Names)
        {
            var exists = store.FindService(id) is not null;
            if (exists ? Matters(store, change, id, caller) : change.Of(Service, id.Namespace, id.Name) || change.Of(Grant, id.Namespace))
            {
                dirty.UnionWith(store.ParentsOfRoutesTo(id));
                if (exists || store.RoutesOf(id).Count > 0)
                {
                    // Routes of a service that does not exist are told whether that is known.
                    dirty.Add(id);
                }
            }
        }

        return dirty;
    }

    private RouteFailure? RoutesIn(string kind, string @namespace) => store.Unknown.Find(kind, @namespace) is { } scope
        ? Failure(DiagnosticCode.PolicyUnknown, $"it is not known which {kind}s there are in namespace {@namespace}", scope)
        : null;

    private static bool Matters(ResourceStore store, UnknownChange change, ServiceId id, CallerContext caller) =>
        change.Of(HttpRoutes, caller.Namespace)
        || change.Of(HttpRoutes, id.Namespace)
        || change.Of(GrpcRoutes, caller.Namespace)
        || change.Of(GrpcRoutes, id.Namespace)
        || change.Of(TlsPolicy, id.Namespace)
        || change.Of(Grant, id.Namespace)
        || change.Of(PolicyResolver.Kind, caller.Namespace)
        || change.Of(PolicyResolver.Kind, id.Namespace)
        || change.Of(PolicyResolver.Kind, caller.RootNamespace)
        || change.Of(Slice, id.Namespace, id.Name)
        || change.Of(PeerAuthentication.KindName, unknown => PeersIn(unknown, id.Namespace, caller))
        || (change.Of(Pod, id.Namespace, id.Name) && store.HasPods(id))
        || ((change.Concerns(CertificateSecret.KindName) || change.Concerns(MeshConfigMap.KindName))
            && store.CertificatesFor(id, caller).Any(key => change.Of(key.Kind, key.Namespace, key.Name)));

    private static ImmutableArray<UnknownScope?> OfTls(ResourceStore store, ResourceStoreUnknown unknown, ServiceId id, CallerContext caller) =>
    [
        PeersIn(unknown, id.Namespace, caller),
        store.HasPods(id) ? unknown.Find(Pod, id.Namespace, id.Name) : null,
        .. store.CertificatesFor(id, caller).Select(key => unknown.Find(key.Kind, key.Namespace, key.Name)),
    ];

    private UnknownMatter? MatterOf(string kind, string @namespace) => PoliciesIn(store.Unknown, kind, @namespace, caller) is { } scope
        ? new($"it is not known which {kind}s there are for namespace {@namespace}", scope.Reason)
        : null;

    /// <summary>Set where it cannot be told which namespace's policies count for callers, and as whom these come, since what the mesh says of that may not be read.</summary>
    private UnknownMatter? MeshConfig() =>
        caller is not { StatesRootNamespace: true, StatesTrustDomain: true } && UnreadMeshConfig() is { } scope
            ? new(
                $"it is not known what the ConfigMap {caller.RootNamespace}/{MeshConfigMap.WellKnownName} says, which may name another root namespace and another trust domain",
                $"{scope.Reason.TrimEnd('.')}; or state Mesh:{nameof(MeshOptions.RootNamespace)} and Mesh:{nameof(MeshOptions.TrustDomain)}")
            : null;

    private UnknownScope? UnreadMeshConfig() => store.FindMeshConfig(caller.RootNamespace) is null
        ? store.Unknown.Find(MeshConfigMap.KindName, caller.RootNamespace, MeshConfigMap.WellKnownName)
        : null;

    private static UnknownScope? PeersIn(ResourceStoreUnknown unknown, string @namespace, CallerContext caller) =>
        PoliciesIn(unknown, PeerAuthentication.KindName, @namespace, caller);

    private static UnknownScope? PoliciesIn(ResourceStoreUnknown unknown, string kind, string @namespace, CallerContext caller) =>
        unknown.Find(kind, @namespace) ?? unknown.Find(kind, caller.RootNamespace);

    private static RouteFailure Failure(string code, string what, UnknownScope scope) => new(Status, code) { Message = $"{what}: {scope.Reason}" };
}
