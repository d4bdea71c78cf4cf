using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.Tool.Tests.Explain;

/// <summary>Small meshes written by hand.</summary>
internal static class Snapshots
{
    public const string Ns = "shop";

    public static ClusterId Id(string service, int port = 80) => new(Ns, service, port);

    public static EndpointModel Endpoint(string address, EndpointHealth health = EndpointHealth.Ready) => new(address, 8080, health);

    /// <summary>A service without routes: its calls go to itself.</summary>
    public static ServiceModel Service(string name, params EndpointModel[] endpoints) => new()
    {
        Id = new ServiceId(Ns, name),
        Hosts = [name, $"{name}.{Ns}", $"{name}.{Ns}.svc.cluster.local"],
        Frontends = [Implicit(Id(name))],
        Clusters = [new ClusterModel { Id = Id(name), Host = $"{name}.{Ns}.svc.cluster.local", Endpoints = [.. endpoints] }],
    };

    public static ServiceModel WithRules(this ServiceModel service, RouteScope scope, params RouteRule[] rules) => service with
    {
        Frontends =
        [
            new FrontendModel(
                service.Frontends[0].Id,
                scope,
                new RouteTable([.. rules], [.. rules.Select(static (_, i) => new RouteMatch { Rule = i, Index = 0 })])),
        ],
    };

    public static ServiceModel WithMatches(this ServiceModel service, params RouteMatch[] matches) => service with
    {
        Frontends = [service.Frontends[0] with { Routes = service.Frontends[0].Routes with { Matches = [.. matches] } }],
    };

    public static ServiceModel WithCluster(this ServiceModel service, Func<ClusterModel, ClusterModel> change) =>
        service with { Clusters = [change(service.Clusters[0])] };

    public static RouteRule Rule(params BackendModel[] backends) => new()
    {
        Route = new RouteId("HTTPRoute", Ns, "split"),
        Backends = new BackendSplit([.. backends]),
    };

    public static BackendModel To(string service, int weight = 1) => new(Id(service), weight);

    public static BackendModel Missing(string service, int weight = 1) =>
        new(Id(service), weight, new RouteFailure(500, "BackendNotFound"));

    public static MeshSnapshot Of(params ServiceModel[] services) =>
        new(1, services.ToImmutableDictionary(static s => s.Id), []);

    private static FrontendModel Implicit(ClusterId id) => new(
        id, Scope: null, new RouteTable([new RouteRule { Backends = new BackendSplit([new BackendModel(id, 1)]) }], [new RouteMatch { Rule = 0 }]));
}
