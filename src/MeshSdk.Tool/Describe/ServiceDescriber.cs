using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Tool.Configuration;
using MeshSdk.Tool.Explain;
using MeshSdk.Tool.Foreign;
using MeshSdk.Tool.Identity;
using MeshSdk.Tool.Policies;

namespace MeshSdk.Tool.Describe;

/// <summary>Puts together what holds for a service, from the snapshot that the data plane would obey and the objects that it was made from.</summary>
internal sealed class ServiceDescriber
{
    private readonly ResourceStore _store;
    private readonly MeshSnapshot _snapshot;
    private readonly CallerContext _caller;
    private readonly MeshSecurity _security;
    private readonly BackendExplainer _backends;
    private readonly EndpointDescriber _endpoints;
    private readonly RouteDescriber _routes;
    private readonly LostRoutes _lost;
    private readonly RuleCandidates _rules;
    private readonly IReadOnlyCollection<ForeignObject> _foreign;
    private readonly UnknownParts _unknown;
    private readonly UnknownPolicies _unknownPolicies;
    private readonly CallerIdentity _identity;

    public ServiceDescriber(LoadedMesh mesh, MeshSnapshot snapshot, CallerContext caller, MeshSecurity security, CallerIdentity identity)
    {
        // The ConfigMap of the mesh may say which namespace is its own, and whether rules without an exportTo are seen elsewhere.
        caller = MeshViewpoint.Of(mesh.Resources, caller, CompilerOptions.Default).Caller;
        (_store, _snapshot, _caller, _security, _identity) = (mesh.Resources, snapshot, caller, security, identity);
        _backends = new BackendExplainer(snapshot, security, identity.HasSource);
        _unknownPolicies = new UnknownPolicies(mesh.Resources, caller);
        _endpoints = new EndpointDescriber(_backends, security, _unknownPolicies);
        _routes = new RouteDescriber(snapshot, _backends, _endpoints);
        _lost = new LostRoutes(mesh.Resources, caller);
        _rules = new RuleCandidates(MeshViewpoint.Of(mesh.Resources, caller, CompilerOptions.Default).Caller, mesh.Resources.Rules, mesh.Resources.Unknown);
        _foreign = mesh.Foreign;
        _unknown = new UnknownParts(mesh.Unknown, caller);
    }

    /// <summary>Null where there is no such service.</summary>
    public ServiceDescription? Describe(ServiceId id)
    {
        if (_store.FindService(id) is not { } service)
        {
            return null;
        }

        var model = _snapshot.Services.GetValueOrDefault(id);
        DescribedPort[] ports = [.. (model?.Frontends ?? []).Select(frontend => Describe(service, frontend))];
        ExplainedDiagnostic[] diagnostics = [.. DiagnosticsOf(id).Select(DiagnosticFilter.Explain)];
        return new ServiceDescription(
            id.Namespace,
            id.Name,
            service.Spec.Type ?? "ClusterIP",
            _caller.Namespace,
            model?.Hosts ?? [],
            ports,
            _routes.ReferencesTo(id),
            [.. diagnostics.Where(IsNotActedOn), .. ForeignOf(id)],
            [.. diagnostics.Where(static d => !IsNotActedOn(d)), .. MissingIdentities(id, ports), .. new PolicyFiles(_security).Check(_snapshot, id)],
            [.. ServicesBehind(id).SelectMany(_unknown.Of).Distinct().Select(static u => new DescribedUnknown(u.Kind, u.Namespace, u.Name, u.Reason))],
            [.. _snapshot.Routes.GetValueOrDefault(id, []).Select(Describe)])
        {
            PeerAuthentication = new PeerDescriber(_store, _caller.RootNamespace).Describe(
                id, (model?.Clusters ?? []).SelectMany(static cluster => cluster.Endpoints).Select(static endpoint => endpoint.Port)),
            Caller = _identity,
        };
    }

    private static DescribedRouteStatus Describe(MeshRouteStatus status) => new(
        status.Kind, status.Namespace, status.Name, status.ParentRef, status.IsAccepted,
        [.. status.Conditions.Select(static c => new DescribedCondition(c.Type, c.Status, c.Reason, c.Message, c.ObservedGeneration))]);

    private DescribedPort Describe(Service service, FrontendModel frontend)
    {
        var port = ServicePorts.Find(service, frontend.Id.Port) ?? new ServicePort { Port = frontend.Id.Port };
        var cluster = _backends.Find(frontend.Id);
        var isUnknown = _unknownPolicies.Concern(frontend.Id.ServiceId);
        var rules = isUnknown ? [] : _rules.Of(frontend.Id.ServiceId, _store.HostOf(frontend.Id.ServiceId));
        var failure = FailureOf(frontend);
        return new DescribedPort(
            string.IsNullOrEmpty(port.Name) ? null : port.Name,
            port.Port,
            ProtocolOf(port),
            port.TargetPort?.Value is { Length: > 0 } target ? target : $"{port.Port}",
            [.. rules.Where(static rule => rule.Applies).Select(DestinationRuleDescriber.Describe)],
            BackendExplainer.PolicyOf(cluster),
            frontend.Scope?.ToString().ToLowerInvariant(),
            _routes.RoutesOf(frontend.Routes),
            [.. _lost.Of(frontend, port)],
            _endpoints.Describe(cluster),
            failure?.Status,
            failure?.Message,
            frontend.Grpc?.Scope?.ToString().ToLowerInvariant(),
            frontend.Grpc is { } grpc ? _routes.RoutesOf(grpc.Routes) : [])
        {
            EffectivePolicy = cluster is null || isUnknown ? null : InForce(PolicyReader.Read(cluster)),
            LostDestinationRules =
            [
                .. rules.Where(static rule => !rule.Applies)
                    .Select(static lost => new DescribedLostRule(
                        lost.Rule.Metadata.Namespace, lost.Rule.Metadata.Name, lost.Rule.Spec.Host, lost.Reason ?? "")),
            ],
            IsRoutedAround = frontend.AllRules.All(rule => rule.Backends.Backends.All(backend => backend.Cluster != frontend.Id)),
        };
    }

    private EffectivePolicy InForce(EffectivePolicy policy) => _security == MeshSecurity.Off ? policy with { Tls = null } : policy;

    /// <summary>What sidecars would obey on the way to the service, and to those that its routes lead to.</summary>
    private IEnumerable<ExplainedDiagnostic> ForeignOf(ServiceId id) => ServicesBehind(id)
        .Where(service => _store.FindService(service) is not null)
        .SelectMany(service => ForeignEffects.On(new CalledService(service, _store.HostOf(service), _caller), _foreign))
        .DistinctBy(static effect => (effect.Source.Key, effect.Path, effect.Message))
        .Select(static effect => new ExplainedDiagnostic("warning", DiagnosticCode.NotImplemented, effect.Source.ToString(), effect.Path, effect.Message));

    /// <summary>What is wrong with the rule that stands in for routes, where there are none or where it cannot be told whether there are.</summary>
    private static RouteFailure? FailureOf(FrontendModel frontend) => frontend.Routes.Rules is [{ Route: null } direct]
        ? direct.Failure ?? direct.Backends.Backends.Select(static backend => backend.Failure).FirstOrDefault()
        : null;

    /// <summary>
    /// Those of the service, of its routes and policies, and of the services that its routes lead to. Of its routes all, those too that concern another
    /// parent: what is wrong with a route is told the same at each of them.
    /// </summary>
    private IEnumerable<MeshDiagnostic> DiagnosticsOf(ServiceId id)
    {
        var subjects = _store.RoutesOf(id).Select(static route => route.ToString())
            .Concat(ServicesBehind(id).Select(static service => $"Service {service}"))
            .ToHashSet(StringComparer.Ordinal);
        return ServicesBehind(id)
            .SelectMany(service => _snapshot.Services.GetValueOrDefault(service)?.Diagnostics ?? [])
            .Concat(_snapshot.AllDiagnostics().Where(diagnostic => subjects.Contains(diagnostic.Subject)))
            .Distinct();
    }

    /// <summary>The service, and those that its routes lead to.</summary>
    private IEnumerable<ServiceId> ServicesBehind(ServiceId id) =>
        (_snapshot.Services.GetValueOrDefault(id)?.Frontends ?? [])
        .SelectMany(static frontend => frontend.AllRules)
        .SelectMany(static rule => rule.Backends.Backends)
        .Select(static backend => backend.Cluster.ServiceId)
        .Prepend(id)
        .Distinct();

    /// <summary>For the ports, and for what their routes lead to, each once.</summary>
    private IEnumerable<ExplainedDiagnostic> MissingIdentities(ServiceId id, IReadOnlyList<DescribedPort> ports)
    {
        if (_security == MeshSecurity.Off || _identity.HasSource)
        {
            return [];
        }

        var own = ports.Where(static port => LacksIdentity(port.Endpoints)).Select(port => MissingIdentity.Of($"{id}", port.Port, port.Policy));
        var behind = ports.SelectMany(static port => port.Routes.Concat(port.GrpcRoutes))
            .SelectMany(static route => route.Rules)
            .SelectMany(static rule => rule.Backends)
            .Where(static backend => LacksIdentity(backend.Endpoints))
            .Select(static backend => MissingIdentity.Of($"{backend.Namespace}/{backend.Service}", backend.Port, backend.Policy));
        return own.Concat(behind).Distinct();

        static bool LacksIdentity(DescribedEndpoints endpoints) => endpoints.Items.Any(static e => MissingIdentity.Needs(e.Tls, e.Health));
    }

    private static bool IsNotActedOn(ExplainedDiagnostic diagnostic) => diagnostic.Code is DiagnosticCode.NotImplemented or DiagnosticCode.Ignored;

    private static string ProtocolOf(ServicePort port) => PortProtocol.Of(port) switch
    {
        ClusterProtocol.Http1 => "HTTP",
        ClusterProtocol.Http2 => "HTTP2",
        _ => "auto-detect",
    };
}
