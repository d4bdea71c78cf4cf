using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Tool.Configuration;
using MeshSdk.Tool.Explain;

namespace MeshSdk.Tool.Describe;

/// <summary>Puts together what holds for a service, from the snapshot that the data plane would obey and the objects that it was made from.</summary>
internal sealed class ServiceDescriber(LoadedMesh mesh, MeshSnapshot snapshot, CallerContext caller, MeshSecurity security)
{
    private readonly ResourceStore _store = mesh.Resources;
    private readonly BackendExplainer _backends = new(snapshot, security);
    private readonly RouteDescriber _routes = new(snapshot);
    private readonly LostRoutes _lost = new(mesh.Resources, caller);
    private readonly UnknownParts _unknown = new(mesh.Unknown, caller);

    /// <summary>Null where there is no such service.</summary>
    public ServiceDescription? Describe(ServiceId id)
    {
        if (_store.FindService(id) is not { } service)
        {
            return null;
        }

        var model = snapshot.Services.GetValueOrDefault(id);
        DescribedPort[] ports = [.. (model?.Frontends ?? []).Select(frontend => Describe(service, frontend))];
        ExplainedDiagnostic[] diagnostics = [.. DiagnosticsOf(id).Select(DiagnosticFilter.Explain)];
        return new ServiceDescription(
            id.Namespace,
            id.Name,
            service.Spec.Type ?? "ClusterIP",
            caller.Namespace,
            model?.Hosts ?? [],
            ports,
            _routes.ReferencesTo(id),
            [.. diagnostics.Where(IsNotActedOn)],
            [.. diagnostics.Where(static d => !IsNotActedOn(d)), .. ports.Where(LacksIdentity).Select(port => MissingIdentity.Of($"{id}", port.Port, port.Policy))],
            [.. ServicesBehind(id).SelectMany(_unknown.Of).Distinct().Select(static u => new DescribedUnknown(u.Kind, u.Namespace, u.Name, u.Reason))]);
    }

    private DescribedPort Describe(Service service, FrontendModel frontend)
    {
        var port = ServicePorts.Find(service, frontend.Id.Port) ?? new ServicePort { Port = frontend.Id.Port };
        var cluster = _backends.Find(frontend.Id);
        var rules = new PolicyResolver(caller, _store.Rules).Select(frontend.Id.Namespace, _store.HostOf(frontend.Id.ServiceId));
        var policy = BackendExplainer.PolicyOf(cluster);
        return new DescribedPort(
            string.IsNullOrEmpty(port.Name) ? null : port.Name,
            port.Port,
            ProtocolOf(port),
            port.TargetPort?.Value is { Length: > 0 } target ? target : $"{port.Port}",
            [.. rules.Select(DestinationRuleDescriber.Describe)],
            policy,
            frontend.Scope?.ToString().ToLowerInvariant(),
            _routes.RoutesOf(frontend),
            [.. _lost.Of(frontend, port)],
            EndpointsOf(cluster, policy));
    }

    private DescribedEndpoints EndpointsOf(ClusterModel? cluster, ExplainedPolicy policy)
    {
        var endpoints = cluster?.Endpoints ?? [];
        return new DescribedEndpoints(
            endpoints.Length,
            endpoints.Count(static e => e.Health == EndpointHealth.Ready),
            endpoints.Count(static e => e.Health == EndpointHealth.Terminating),
            endpoints.Count(static e => e.Health == EndpointHealth.Unready),
            [.. endpoints.Select(endpoint => Describe(endpoint, policy))]);
    }

    private DescribedEndpoint Describe(EndpointModel endpoint, ExplainedPolicy policy)
    {
        var (address, health, locality, priority, weight, tls, sans) = _backends.Explain(endpoint);
        return new DescribedEndpoint(address, health, locality, priority, weight, tls, TlsReason.Of(endpoint.Tls, policy, security), sans);
    }

    /// <summary>Those of the service, of its routes and policies, and of the services that its routes lead to.</summary>
    private IEnumerable<MeshDiagnostic> DiagnosticsOf(ServiceId id)
    {
        var subjects = _store.RoutesOf(id).Select(static route => route.ToString())
            .Concat(ServicesBehind(id).Select(static service => $"Service {service}"))
            .ToHashSet(StringComparer.Ordinal);
        return ServicesBehind(id)
            .SelectMany(service => snapshot.Services.GetValueOrDefault(service)?.Diagnostics ?? [])
            .Concat(snapshot.Diagnostics.Where(diagnostic => subjects.Contains(diagnostic.Subject)))
            .Distinct();
    }

    /// <summary>The service, and those that its routes lead to.</summary>
    private IEnumerable<ServiceId> ServicesBehind(ServiceId id) =>
        (snapshot.Services.GetValueOrDefault(id)?.Frontends ?? [])
        .SelectMany(static frontend => frontend.Routes.Rules)
        .SelectMany(static rule => rule.Backends.Backends)
        .Select(static backend => backend.Cluster.ServiceId)
        .Prepend(id)
        .Distinct();

    private bool LacksIdentity(DescribedPort port) => security == MeshSecurity.On && port.Endpoints.Items.Any(static e => e.Tls != "none" && e.Health != "unready");

    private static bool IsNotActedOn(ExplainedDiagnostic diagnostic) => diagnostic.Code is DiagnosticCode.NotImplemented or DiagnosticCode.Ignored;

    private static string ProtocolOf(ServicePort port) => PortProtocol.Of(port) switch
    {
        ClusterProtocol.Http1 => "HTTP",
        ClusterProtocol.Http2 => "HTTP2",
        _ => "auto-detect",
    };
}
