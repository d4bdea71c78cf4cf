using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Resources;

/// <summary>
/// The objects that are in force, indexed the way the compiler asks for them. Not thread-safe: the one writer of the control plane owns it.
/// </summary>
/// <remarks>
/// A new version of an object that is broken as a whole (see <see cref="ResourceStoreAdmission"/>) does not replace a sound one: the
/// sound one stays in force until a sound one follows or the object is deleted. Where there is no sound one the broken one is taken, and
/// the compiler makes its broken rules answer for themselves.
/// </remarks>
internal sealed partial class ResourceStore(string clusterDomain = "cluster.local")
{
    private readonly Dictionary<ServiceId, ResourceStoreEntry> _entries = [];
    private readonly Dictionary<ResourceKey, Resource> _objects = [];
    private ResourceStorePods? _pods;
    private long _podChanges;
    private int _nodeCount;
    private readonly HashSet<string> _changedNodes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, RouteResource> _refused = new(StringComparer.Ordinal);
    private readonly Dictionary<ResourceKey, MeshConfigMap> _refusedConfigs = [];
    private readonly Dictionary<ResourceKey, CertificateData> _goodCertificates = [];
    private readonly SortedDictionary<string, EndpointSlice> _ownerless = new(StringComparer.Ordinal);

    public string ClusterDomain { get; } = clusterDomain;

    /// <summary>The namespace whose peer authentications are for the whole mesh.</summary>
    public string RootNamespace
    {
        get;
        set
        {
            if (field != value)
            {
                field = value;
                UnattachedVersion++;
            }
        }
    } = CallerContext.DefaultRootNamespace;

    /// <summary>
    /// Whether a version of the ConfigMap of the mesh takes the place of the one before it, which stays in force else: what it says decides about TLS, and
    /// cannot be told here, since it is a text. By default any does.
    /// </summary>
    public Func<MeshConfigMap, MeshConfigMap, bool> ReplacesConfig { get; init; } = static (_, _) => true;

    /// <summary>
    /// What is kept of the certificates in an object when a newer version of it comes: of each part the last one that can be used, while the object exists.
    /// Which can is told by the compiler. By default nothing but the newest.
    /// </summary>
    public Func<CertificateData?, CertificateData, CertificateData> KeepsCertificates { get; init; } = static (_, next) => next;

    public ResourceStoreRules Rules { get; } = new(clusterDomain);

    public ResourceStoreAddresses Addresses { get; } = new();

    public ResourceStoreGrants Grants { get; } = new();

    public ResourceStoreNamespaced<PeerAuthentication> Peers { get; } = new();

    public ResourceStoreNamespaced<AuthorizationPolicy> Authorizations { get; } = new();

    public ResourceStoreNamespaced<RequestAuthentication> RequestAuthentications { get; } = new();

    public ResourceStoreCertificates Certificates { get; } = new(clusterDomain);

    public ResourceStorePolicies<BackendTlsPolicy> TlsPolicies { get; } = new();

    public ResourceStorePolicies<BackendTrafficPolicy> TrafficPolicies { get; } = new();

    /// <summary>What the sources cannot know at present.</summary>
    public ResourceStoreUnknown Unknown
    {
        get;
        set
        {
            field = value;
            UnattachedVersion++;
        }
    } = ResourceStoreUnknown.Nothing;

    /// <summary>Grows whenever something changes that belongs to no service: what nothing attaches to, and what was refused.</summary>
    public long UnattachedVersion { get; private set; }

    /// <summary>Broken versions of objects whose last sound version stays in force, in order of their names.</summary>
    public IReadOnlyCollection<RouteResource> Refused => _refused.Values;

    /// <summary>Slices that do not say which service they belong to, in order of their names.</summary>
    public IReadOnlyCollection<EndpointSlice> Ownerless => _ownerless.Values;

    /// <summary>Every name that anything hangs on: services, and names that other objects give.</summary>
    public IEnumerable<ServiceId> Names => _entries.Keys;

    public IEnumerable<ServiceId> Services => _entries.Where(static entry => entry.Value.Service is not null).Select(static entry => entry.Key);

    /// <summary>Names that routes give as their parent where there is no service that a route could attach to.</summary>
    public IEnumerable<ServiceId> MissingParents =>
        _entries.Where(static entry => entry.Value.Routes.Count > 0 && !IsParent(entry.Value.Service)).Select(static entry => entry.Key);

    public Service? FindService(ServiceId id) => _entries.GetValueOrDefault(id)?.Service;

    /// <summary>In order of their names; the array stays the same one while none of them changes.</summary>
    public ImmutableArray<EndpointSlice> SlicesOf(ServiceId id) => _entries.TryGetValue(id, out var entry) ? entry.Slices : [];

    /// <summary>Whether an endpoint of the service says that it is a pod.</summary>
    public bool HasPods(ServiceId id) => SlicesOf(id).Any(static slice => slice.Endpoints.OrEmpty().Any(static endpoint => ResourceStorePods.PodOf(endpoint) is not null));

    /// <summary>What a namespace that is the mesh's own says of the whole mesh; null where it says nothing.</summary>
    public MeshConfigMap? FindMeshConfig(string @namespace) =>
        _objects.GetValueOrDefault(new(MeshConfigMap.KindName, @namespace, MeshConfigMap.WellKnownName)) as MeshConfigMap;

    /// <summary>The version of it that was not taken; null where the newest one is in force.</summary>
    public MeshConfigMap? FindRefusedMeshConfig(string @namespace) =>
        _refusedConfigs.GetValueOrDefault(new(MeshConfigMap.KindName, @namespace, MeshConfigMap.WellKnownName));

    public Namespace? FindNamespace(string name) => _objects.GetValueOrDefault(new("Namespace", "", name)) as Namespace;

    public Node? FindNode(string name) => _nodeCount == 0 ? null : _objects.GetValueOrDefault(new("Node", "", name)) as Node;

    /// <summary>The certificates that a Secret or a ConfigMap holds; null where there is no such object.</summary>
    public CertificateData? FindCertificates(ResourceKey key) => (_objects.GetValueOrDefault(key) as CertificateResource)?.Certificates;

    /// <summary>Of each part of it the last good version, which is the newest one where that is good; null where there is no such object.</summary>
    public CertificateData? FindGoodCertificates(ResourceKey key) => _goodCertificates.GetValueOrDefault(key);

    /// <summary>The Secrets and ConfigMaps that policies for a service name, whether they are there or not.</summary>
    public IEnumerable<ResourceKey> CertificatesFor(ServiceId id, CallerContext caller) => Certificates.IsEmpty ? [] :
    [
        .. TlsPolicies.Of(id).SelectMany(CertificateReferences.Of),
        .. Certificates.Rules.LookupAll(HostOf(id), caller.Namespace, id.Namespace, caller.RootNamespace)
            .SelectMany(rule => CertificateReferences.Of(rule, caller.Namespace)),
    ];

    public Pod? FindPod(string @namespace, string name) => _pods is null ? null : _objects.GetValueOrDefault(new("Pod", @namespace, name)) as Pod;

    /// <summary>
    /// Stays the same while nothing changes about the pods behind the service's slices and the nodes under them, the peer authentications for these pods, and
    /// the certificates that policies for the service name; 0 where nothing ever did.
    /// </summary>
    public long PodsVersionOf(ServiceId id) => _entries.GetValueOrDefault(id)?.PodsVersion ?? 0;

    /// <summary>Routes of all kinds that name the service as a parent, in no particular order.</summary>
    public IReadOnlyList<RouteResource> RoutesOf(ServiceId id) => _entries.TryGetValue(id, out var entry) ? entry.Routes : [];

    /// <summary>Parents of the routes that name the service as a backend or mirror to it; some may stand there several times.</summary>
    public IEnumerable<ServiceId> ParentsOfRoutesTo(ServiceId id) =>
        _entries.TryGetValue(id, out var entry) ? entry.ReferringRoutes.SelectMany(static route => route.ServiceParents()) : [];

    /// <summary>The broken version of a route that was not taken; null where the newest one is in force.</summary>
    public RouteResource? RefusedVersionOf(RouteResource route) => _refused.Count == 0 ? null : _refused.GetValueOrDefault(route.ToString());

    public string HostOf(ServiceId id) => $"{id.Name}.{id.Namespace}.svc.{ClusterDomain}";

    /// <summary>
    /// Takes changes over, deletions first. Returns the names of all services whose compiled form may be another one now, also of such as
    /// do not exist (any more).
    /// </summary>
    public IReadOnlyCollection<ServiceId> Apply(ImmutableArray<Resource> upserts, ImmutableArray<ResourceKey> deletes)
    {
        var dirty = new HashSet<ServiceId>();

        // An object that moved from one file to another is deleted and added at once; its history goes on.
        var gone = deletes.IsEmpty || upserts.IsEmpty ? deletes : deletes.Except(upserts.Select(static resource => resource.Key));
        foreach (var key in gone)
        {
            Replace(key, null, dirty);
        }

        foreach (var resource in upserts)
        {
            Replace(resource.Key, resource, dirty);
        }

        NodesChanged(dirty);
        return dirty;
    }

    private void Replace(ResourceKey key, Resource? next, HashSet<ServiceId> dirty)
    {
        var previous = _objects.GetValueOrDefault(key);
        if (next is RouteResource route && Refuses(previous as RouteResource, route))
        {
            _refused[route.ToString()] = route;
            UnattachedVersion++;
            dirty.UnionWith(((RouteResource)previous!).ServiceParents());
            return;
        }

        if (_refused.Count > 0 && _refused.Remove(key.ToString()))
        {
            UnattachedVersion++;
        }

        if (next is MeshConfigMap refused && previous is MeshConfigMap inForce && !ReplacesConfig(inForce, refused))
        {
            _refusedConfigs[key] = refused;
            dirty.UnionWith(Names);
            return;
        }

        if (_refusedConfigs.Remove(key))
        {
            dirty.UnionWith(Names);
        }

        if ((previous is Pod pod && next is Pod successor && ResourceStorePods.AreAlike(pod, successor))
            || (previous is MeshConfigMap config && next is MeshConfigMap { Data.Mesh: var text } && config.Data.Mesh == text)
            || (previous is Namespace space && next is Namespace nextSpace && WaypointLabels.AreAlike(space, nextSpace))
            || (previous is CertificateResource certificates && next is CertificateResource other && certificates.Certificates == other.Certificates)
            || (previous is Node node && next is Node nextNode && ResourceStorePods.SameLabels(node.Metadata.Labels ?? [], nextNode.Metadata.Labels ?? [])))
        {
            _objects[key] = next;
            return;
        }

        if (next is CertificateResource held)
        {
            _goodCertificates[key] = KeepsCertificates(_goodCertificates.GetValueOrDefault(key), held.Certificates);
        }
        else if (previous is CertificateResource)
        {
            _goodCertificates.Remove(key);
        }

        if (previous is not null)
        {
            Detach(previous, dirty);
            _objects.Remove(key);
        }

        if (next is not null)
        {
            Attach(next, dirty);
            _objects[key] = next;
        }

        if ((previous as Service)?.IsExternalName != (next as Service)?.IsExternalName)
        {
            UnattachedVersion++;
        }
    }

    private static bool IsParent(Resource? resource) => resource is Service { IsExternalName: false };

    private static bool Refuses(RouteResource? previous, RouteResource next) =>
        previous is not null && !ResourceStoreAdmission.IsSound(next) && ResourceStoreAdmission.IsSound(previous);

    private void Detach(Resource resource, HashSet<ServiceId> dirty)
    {
        switch (resource)
        {
            case Service service:
                // Those that have its addresses from now on come before it.
                Addresses.Remove(service);
                dirty.UnionWith(Addresses.RivalsOf(service));
                EntryOf(service.ServiceId()).Service = null;
                ServiceChanged(service.ServiceId(), dirty);
                Forget(service.ServiceId());
                break;
            case EndpointSlice slice when slice.OwningService() is { } owner:
                EntryOf(owner).Remove(slice);
                _pods?.Remove(slice);
                dirty.Add(owner);
                Forget(owner);
                break;
            case EndpointSlice slice:
                _ownerless.Remove(slice.ToString());
                UnattachedVersion++;
                break;
            case RouteResource route:
                foreach (var parent in route.ServiceParents())
                {
                    ParentChanged(parent, dirty);
                    ResourceStoreEntry.Remove(EntryOf(parent).Routes, route);
                    Forget(parent);
                }

                foreach (var backend in route.ServiceBackends())
                {
                    ResourceStoreEntry.Remove(EntryOf(backend).ReferringRoutes, route);
                    Forget(backend);
                }

                Grants.Remove(route);
                break;
            case ReferenceGrant grant:
                Grants.Remove(grant);
                GrantChanged(grant, dirty);
                break;
            case BackendTlsPolicy policy:
                TlsPolicies.Remove(policy);
                Certificates.Remove(policy);
                PolicyChanged(policy, dirty);
                break;
            case BackendTrafficPolicy policy:
                TrafficPolicies.Remove(policy);
                PolicyChanged(policy, dirty);
                break;
            case DestinationRule rule:
                Rules.Remove(rule);
                Certificates.Remove(rule);
                RuleChanged(rule, dirty);
                break;
            case Pod pod:
                PodChanged(pod, dirty);
                break;
            case Namespace space:
                NamespaceChanged(space, dirty);
                break;
            case PeerAuthentication policy:
                Peers.Remove(policy);
                PeersChanged(policy, dirty);
                break;
            case AuthorizationPolicy policy:
                Authorizations.Remove(policy);
                break;
            case RequestAuthentication policy:
                RequestAuthentications.Remove(policy);
                break;
            case CertificateResource certificates:
                CertificatesChanged(certificates.Key, dirty);
                break;
            case MeshConfigMap:
                // It may change anything, and rarely does.
                dirty.UnionWith(Names);
                break;
            case Node node:
                _nodeCount--;
                _changedNodes.Add(node.Metadata.Name);
                break;
        }
    }

    private void Attach(Resource resource, HashSet<ServiceId> dirty)
    {
        switch (resource)
        {
            case Service service:
                EntryOf(service.ServiceId()).Service = service;
                ServiceChanged(service.ServiceId(), dirty);
                Addresses.Add(service);
                dirty.UnionWith(Addresses.RivalsOf(service));
                break;
            case EndpointSlice slice when slice.OwningService() is { } owner:
                EntryOf(owner).Add(slice);
                _pods?.Add(slice);
                dirty.Add(owner);
                break;
            case EndpointSlice slice:
                _ownerless[slice.ToString()] = slice;
                UnattachedVersion++;
                break;
            case RouteResource route:
                foreach (var parent in route.ServiceParents())
                {
                    ResourceStoreEntry.Add(EntryOf(parent).Routes, route);
                    ParentChanged(parent, dirty);
                }

                foreach (var backend in route.ServiceBackends())
                {
                    ResourceStoreEntry.Add(EntryOf(backend).ReferringRoutes, route);
                }

                Grants.Add(route);
                break;
            case ReferenceGrant grant:
                Grants.Add(grant);
                GrantChanged(grant, dirty);
                break;
            case BackendTlsPolicy policy:
                TlsPolicies.Add(policy);
                Certificates.Add(policy);
                PolicyChanged(policy, dirty);
                break;
            case BackendTrafficPolicy policy:
                TrafficPolicies.Add(policy);
                PolicyChanged(policy, dirty);
                break;
            case DestinationRule rule:
                Rules.Add(rule);
                Certificates.Add(rule);
                RuleChanged(rule, dirty);
                break;
            case Pod pod:
                PodChanged(pod, dirty);
                break;
            case Namespace space:
                NamespaceChanged(space, dirty);
                break;
            case PeerAuthentication policy:
                Peers.Add(policy);
                PeersChanged(policy, dirty);
                break;
            case AuthorizationPolicy policy:
                Authorizations.Add(policy);
                break;
            case RequestAuthentication policy:
                RequestAuthentications.Add(policy);
                break;
            case CertificateResource certificates:
                CertificatesChanged(certificates.Key, dirty);
                break;
            case MeshConfigMap:
                // It may change anything, and rarely does.
                dirty.UnionWith(Names);
                break;
            case Node node:
                _nodeCount++;
                _changedNodes.Add(node.Metadata.Name);
                break;
        }
    }

    /// <summary>The service that a fully qualified name means; null where it is no name of this cluster's.</summary>
    public ServiceId? ServiceOf(string host)
    {
        var suffix = $".svc.{ClusterDomain}";
        if (!host.EndsWith(suffix, StringComparison.Ordinal))
        {
            return null;
        }

        var dot = host.IndexOf('.');
        var ns = host[(dot + 1)..Math.Max(dot + 1, host.Length - suffix.Length)];
        return dot <= 0 || ns.Length == 0 || ns.Contains('.') ? null : new ServiceId(ns, host[..dot]);
    }

    private ResourceStoreEntry EntryOf(ServiceId id)
    {
        if (!_entries.TryGetValue(id, out var entry))
        {
            _entries.Add(id, entry = new ResourceStoreEntry());
        }

        return entry;
    }

    private void Forget(ServiceId id)
    {
        if (_entries[id].IsEmpty)
        {
            _entries.Remove(id);
        }
    }
}
