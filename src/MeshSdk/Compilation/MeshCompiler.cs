using System.Collections.Immutable;
using MeshSdk.Compilation.Conditions;
using MeshSdk.Compilation.Inbound;
using MeshSdk.Compilation.Localities;
using MeshSdk.Compilation.Tls;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>
/// Turns the objects that are in force into what the data plane reads, from one caller's viewpoint: a function of the store's content
/// alone. What it remembers from one call to the next saves work and never changes a result. Not thread-safe.
/// </summary>
/// <remarks>
/// Nothing that an object may hold makes it throw. A service that cannot be compiled keeps its last model; one that never had any answers
/// 500, because a service that vanished from the mesh would be called past its policies.
/// </remarks>
internal sealed class MeshCompiler(CallerContext caller, CompilerOptions options)
{
    private readonly PatternCache _patterns = new();
    private readonly LocalityCache _localities = new();
    private readonly CallerPlaceFinder _place = new(caller);
    private readonly Dictionary<ServiceId, ServiceCore> _cores = [];
    private readonly PlaintextServices _plaintext = new();
    private readonly InboundCompiler? _inbound = options.ServesInbound ? new(caller, options) : null;
    private CallerPlace? _lastPlace;
    private (ResourceStore Store, MeshViewpoint View)? _view;
    private (ResourceStore? Store, long Version, ImmutableArray<MeshDiagnostic> Diagnostics) _unattached;

    /// <summary>Compiles everything.</summary>
    public MeshSnapshot Compile(ResourceStore store)
    {
        Forget();
        _lastPlace = _place.Find(store);
        return Recompile(MeshSnapshot.Empty, store, [.. store.Services, .. store.MissingParents.Where(id => store.FindService(id) is null)]);
    }

    /// <summary>Compiles the named services again, or drops them, and shares all others with <paramref name="previous"/>.</summary>
    public MeshSnapshot Recompile(MeshSnapshot previous, ResourceStore store, IReadOnlyCollection<ServiceId> dirty)
    {
        RequireSameDomain(store);
        var view = ViewOf(store);
        var services = previous.Services.ToBuilder();
        var external = previous.ExternalServices.ToBuilder();
        var routes = previous.Routes.ToBuilder();
        var statuses = new RouteStatusCompiler(store, new UnknownResolver(store, view.Caller), _patterns, view.Options);
        foreach (var id in dirty)
        {
            if (store.FindService(id) is { IsExternalName: true })
            {
                external.Add(id);
            }
            else
            {
                external.Remove(id);
            }

            var model = CompileService(store, id, previous.Services.GetValueOrDefault(id));
            if (model is not null)
            {
                services[id] = model;
            }
            else
            {
                services.Remove(id);
                _cores.Remove(id);
                _plaintext.Set(id, IdentityLack.None);
            }

            if (StatusesOf(statuses, id, model, previous) is { IsEmpty: false } found)
            {
                routes[id] = found;
            }
            else
            {
                routes.Remove(id);
            }
        }

        var inbound = _inbound?.Compile(store, view) ?? InboundModel.None;
        return new MeshSnapshot(
            previous.Revision + 1,
            services.ToImmutable(),
            [.. view.Diagnostics, .. _plaintext.Diagnostics, .. FindUnattached(store), .. _inbound?.Diagnostics ?? []])
        {
            Mesh = view.Settings,
            Inbound = inbound,
            ExternalServices = external.ToImmutable(),
            Routes = routes.ToImmutable(),
        };
    }

    // What routes are told must never keep them from being obeyed.
    private static ImmutableArray<MeshRouteStatus> StatusesOf(RouteStatusCompiler statuses, ServiceId id, ServiceModel? model, MeshSnapshot previous)
    {
        try
        {
            return statuses.Compile(id, model);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return previous.Routes.GetValueOrDefault(id, []);
        }
    }

    /// <summary>
    /// Takes over what cannot be known from now on. Returns the names of all services whose compiled form may be another one now.
    /// </summary>
    public IReadOnlyCollection<ServiceId> Apply(ResourceStore store, IEnumerable<UnknownScope> unknown)
    {
        var next = new ResourceStoreUnknown(unknown);
        var dirty = UnknownResolver.Touched(store, next, ViewOf(store).Caller);
        store.Unknown = next;
        return dirty;
    }

    /// <summary>
    /// Looks where the caller itself runs, which its own pod and node may tell only later. Returns the names of all services if that is somewhere else now.
    /// </summary>
    public IReadOnlyCollection<ServiceId> FindPlace(ResourceStore store)
    {
        var before = _lastPlace;
        _lastPlace = _place.Find(store);
        return ReferenceEquals(_lastPlace, before) ? [] : [.. store.Services];
    }

    /// <summary>Compiles one service; null where the mesh does not serve the name. <paramref name="last"/> stays in force on a fault.</summary>
    public ServiceModel? CompileService(ResourceStore store, ServiceId id, ServiceModel? last = null)
    {
        RequireSameDomain(store);
        if (store.FindService(id) is not { IsExternalName: false } service)
        {
            return null;
        }

        try
        {
            return CompileService(store, id, service);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return FaultedService.Keep(service, store.Addresses.TakenFrom(service), last, ViewOf(store).Caller, e);
        }
    }

    private ServiceModel CompileService(ResourceStore store, ServiceId id, Service service)
    {
        var view = ViewOf(store);
        var core = CoreOf(store, id, service, view);
        var diagnostics = new DiagnosticList();
        diagnostics.AddRange(core.Diagnostics);
        var unknown = new UnknownResolver(store, view.Caller);
        var frontends = new FrontendCompiler(store, core, view.Caller, unknown, _patterns, view.Options, diagnostics).Compile();
        return new ServiceModel
        {
            Id = id,
            Hosts = core.Hosts,
            Frontends = frontends,
            Clusters = core.Clusters,
            Diagnostics = diagnostics.ToImmutable(),
        };
    }

    private ServiceCore CoreOf(ResourceStore store, ServiceId id, Service service, MeshViewpoint view)
    {
        var host = store.HostOf(id);
        var taken = store.Addresses.TakenFrom(service);
        var slices = store.SlicesOf(id);
        var rules = new PolicyResolver(view.Caller, store.Rules, store.Unknown).Select(id.Namespace, host);
        var place = _place.Find(store);
        var unknown = new UnknownResolver(store, view.Caller).OfTls(id);
        if (!_cores.TryGetValue(id, out var core) || !core.IsMadeFrom(store, service, taken, slices, rules, unknown, place))
        {
            _cores[id] = core = ServiceCore.Compile(store, service, taken, slices, rules, unknown, host, view, _localities, place);
            _plaintext.Set(id, core.Lack);
        }

        return core;
    }

    /// <summary>With the ConfigMap of the mesh that is in the store now. Another one may change anything, and nothing that was made before it is kept.</summary>
    private MeshViewpoint ViewOf(ResourceStore store)
    {
        var place = _place.Find(store);
        if (_view is not var (known, view) || !ReferenceEquals(known, store) || view.Settings.Proxy != place.Proxy
            || !AreAlike(view.Config, store.FindMeshConfig(caller.RootNamespace)) || !AreAlike(view.Refused, store.FindRefusedMeshConfig(caller.RootNamespace)))
        {
            Forget();
            _view = (store, view = MeshViewpoint.Of(store, caller, options, place));
            store.RootNamespace = view.Caller.RootNamespace;
        }
        else if (!ReferenceEquals(view.Caller.Labels, place.Labels))
        {
            _view = (store, view = view with { Caller = view.Caller with { Labels = place.Labels } });
        }

        return view;
    }

    private void Forget()
    {
        _cores.Clear();
        _plaintext.Clear();
    }

    private static bool AreAlike(MeshConfigMap? left, MeshConfigMap? right) => (left is null) == (right is null) && left?.Data.Mesh == right?.Data.Mesh;

    /// <summary>Hosts that the store completed with another domain would match none of the caller's, and every policy would be lost.</summary>
    private void RequireSameDomain(ResourceStore store)
    {
        if (store.ClusterDomain != caller.ClusterDomain)
        {
            throw new ArgumentException($"the store is for cluster domain {store.ClusterDomain}, the caller for {caller.ClusterDomain}", nameof(store));
        }
    }

    private ImmutableArray<MeshDiagnostic> FindUnattached(ResourceStore store)
    {
        if (!ReferenceEquals(_unattached.Store, store) || _unattached.Version != store.UnattachedVersion)
        {
            _unattached = (store, store.UnattachedVersion, UnattachedDiagnostics.Find(store, options.LoadsOnDemand));
        }

        return _unattached.Diagnostics;
    }
}
