using System.Collections.Immutable;
using System.Net;
using MeshSdk.Model;

namespace MeshSdk.Tests.Fixtures;

/// <summary>Terse builders for the data plane's model: services of namespace <c>test</c> with port 80, unless a test says otherwise.</summary>
internal static class Snapshots
{
    public const string Namespace = "test";

    /// <summary>What endpoints that do mutual TLS have to prove.</summary>
    public const string Identity = "spiffe://cluster.local/ns/test/sa/backend";

    /// <summary>A service whose calls go to its own endpoints.</summary>
    public static ServiceModel Service(string name, params IPEndPoint[] endpoints)
    {
        var id = Cluster(name);
        return new ServiceModel
        {
            Id = id.ServiceId,
            Hosts = [name, $"{name}.{Namespace}", $"{name}.{Namespace}.svc", $"{name}.{Namespace}.svc.cluster.local"],
            Frontends = [new FrontendModel(id, null, Table(Rule((name, 1)) with { Route = null }))],
            Clusters =
            [
                new ClusterModel
                {
                    Id = id,
                    Host = $"{name}.{Namespace}.svc.cluster.local",
                    Endpoints = [.. endpoints.Select(Endpoint)],
                    LoadBalancer = LoadBalancerKind.RoundRobin,
                },
            ],
        };
    }

    public static ClusterId Cluster(string name) => new(Namespace, name, 80);

    public static EndpointModel Endpoint(IPEndPoint endpoint) => new(endpoint.Address.ToString(), endpoint.Port, EndpointHealth.Ready);

    public static EndpointModel Endpoint(string address, EndpointHealth health = EndpointHealth.Ready) => new(address, 80, health);

    /// <summary>A rule that divides requests among services.</summary>
    public static RouteRule Rule(params (string Service, int Weight)[] backends) => new()
    {
        Route = new RouteId("HTTPRoute", Namespace, "route"),
        Backends = new BackendSplit([.. backends.Select(static b => new BackendModel(Cluster(b.Service), b.Weight))]),
    };

    /// <summary>A table of rules that take everything; the first one decides.</summary>
    public static RouteTable Table(params RouteRule[] rules) =>
        new([.. rules.Select(static (r, i) => r with { Index = i })], [.. rules.Select(static (_, i) => new RouteMatch { Rule = i })]);

    /// <summary>A table of one rule under one condition.</summary>
    public static RouteTable Table(RouteRule rule, RouteMatch match) => new([rule], [match]);

    public static ServiceModel Routed(this ServiceModel service, RouteTable routes) =>
        service with { Frontends = [.. service.Frontends.Select(f => f with { Routes = routes, Scope = RouteScope.Producer })] };

    public static ServiceModel Routed(this ServiceModel service, params RouteRule[] rules) => service.Routed(Table(rules));

    public static ServiceModel Clustered(this ServiceModel service, Func<ClusterModel, ClusterModel> change) =>
        service with { Clusters = [.. service.Clusters.Select(change)] };

    public static ServiceModel Speaking(this ServiceModel service, ClusterProtocol protocol) =>
        service.Clustered(c => c with { Protocol = protocol });

    /// <summary>Mutual TLS with identities of the mesh, of which each endpoint has to prove this one.</summary>
    public static ServiceModel WantingTls(this ServiceModel service, string identity = Identity) => service.Clustered(c => c with
    {
        Tls = IstioTls(c.Id),
        Endpoints = [.. c.Endpoints.Select(e => e with { Tls = TlsMode.Istio, SubjectAltNames = [identity] })],
    });

    /// <summary>TLS as one policy has it for all endpoints.</summary>
    public static ServiceModel WantingTls(this ServiceModel service, ClusterTls tls) => service.Clustered(c => c with
    {
        Tls = tls,
        Endpoints = [.. c.Endpoints.Select(e => e with { Tls = tls.Mode })],
    });

    public static ClusterTls IstioTls(ClusterId cluster) => new()
    {
        Source = $"DestinationRule {cluster.ServiceId}",
        Mode = TlsMode.Istio,
        ServerName = $"outbound_.{cluster.Port}_._.{cluster.Service}.{cluster.Namespace}.svc.cluster.local",
        Trust = TlsTrust.Mesh,
    };

    /// <summary>The same service under another port; endpoints stay as they are.</summary>
    public static ServiceModel OnPort(this ServiceModel service, int port)
    {
        var id = service.Clusters[0].Id with { Port = port };
        var routes = new RouteTable(
            [.. service.Frontends[0].Routes.Rules.Select(r => r with { Backends = new BackendSplit([new BackendModel(id, 1)]) })],
            service.Frontends[0].Routes.Matches);
        return service with
        {
            Frontends = [new FrontendModel(id, service.Frontends[0].Scope, routes)],
            Clusters = [service.Clusters[0] with { Id = id }],
        };
    }

    public static MeshSnapshot Snapshot(long revision, IEnumerable<ServiceModel> services) =>
        new(revision, services.ToImmutableDictionary(static s => s.Id), []);
}
