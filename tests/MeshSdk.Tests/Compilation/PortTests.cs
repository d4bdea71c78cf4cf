using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation;

public sealed class PortTests
{
    [Theory]
    [InlineData(":80", nameof(ClusterProtocol.Auto))]
    [InlineData("http:80", nameof(ClusterProtocol.Http1))]
    [InlineData("http-web:80", nameof(ClusterProtocol.Http1))]
    [InlineData("HTTP-web:80", nameof(ClusterProtocol.Http1))]
    [InlineData("httpx:80", nameof(ClusterProtocol.Auto))]
    [InlineData("http2:80", nameof(ClusterProtocol.Http2))]
    [InlineData("grpc-api:80", nameof(ClusterProtocol.Http2))]
    [InlineData("grpc-web:80", nameof(ClusterProtocol.Auto))]
    [InlineData("https:80", nameof(ClusterProtocol.Auto))]
    [InlineData("web:80", nameof(ClusterProtocol.Auto))]
    [InlineData("http:80:kubernetes.io/h2c", nameof(ClusterProtocol.Http2))]
    [InlineData("http:80:http2", nameof(ClusterProtocol.Http2))]
    [InlineData("web:80:grpc", nameof(ClusterProtocol.Http2))]
    [InlineData("grpc:80:http", nameof(ClusterProtocol.Http1))]
    [InlineData("web:80:kubernetes.io/ws", nameof(ClusterProtocol.Http1))]
    [InlineData("web:80:https", nameof(ClusterProtocol.Auto))]
    [InlineData("web:80:example.com/own", nameof(ClusterProtocol.Http1))]
    public void Protocol_comes_from_appProtocol_then_from_the_name(string port, string expected) =>
        Assert.Equal(expected, Given.Snapshot(Given.Service("a", port)).Cluster("a").Protocol.ToString());

    [Theory]
    [InlineData("web:80:example.com/own")]
    [InlineData("web:80:kubernetes.io/wss")]
    public void Unknown_appProtocol_is_reported_for_direct_calls_and_fails_a_backend(string port)
    {
        var snapshot = Given.Snapshot(
            Given.Service("b", port), Given.Service("a"), Given.Route("r", "a", Given.Rule(Given.Backend("b"))));

        Assert.Equal(["Warning UnsupportedProtocol spec.ports[0].appProtocol"], snapshot.Service("b").Diagnostics.Codes());
        Assert.Null(snapshot.Frontend("b").Routes.Rules[0].Backends.Backends[0].Failure);
        var failure = snapshot.Frontend("a").Routes.Rules[0].Backends.Backends[0].Failure;
        Assert.Equal((500, "UnsupportedProtocol"), (failure!.Status, failure.Reason));
    }

    [Fact]
    public void Ports_of_other_protocols_are_left_out()
    {
        var service = Given.Service("a");
        service = service with
        {
            Spec = service.Spec with
            {
                Ports = [new ServicePort { Name = "dns", Port = 53, Protocol = "UDP" }, new ServicePort { Name = "dns-tcp", Port = 53, Protocol = "TCP" }],
            },
        };
        var model = Given.Snapshot(service).Service("a");
        Assert.Equal([53], model.Frontends.Select(frontend => frontend.Id.Port));
        Assert.Empty(model.Diagnostics);
    }

    [Fact]
    public void Duplicate_numbers_and_names_are_reported_and_the_first_counts()
    {
        var model = Given.Snapshot(Given.Service("a", "x:80", "y:80", "x:81", "z:0", "w:70000")).Service("a");
        Assert.Equal([80, 81], model.Clusters.Select(cluster => cluster.Id.Port));
        Assert.Equal(
            [
                "Error Duplicate spec.ports[1].port", "Error Duplicate spec.ports[2].name",
                "Error UnsupportedValue spec.ports[3].port", "Error UnsupportedValue spec.ports[4].port",
            ],
            model.Diagnostics.Codes());
    }

    [Fact]
    public void Service_without_routes_leads_to_its_own_endpoints()
    {
        var frontend = Given.Snapshot(Given.Service("a", "80", "x:81")).Frontend("a", 81);
        Assert.Null(frontend.Scope);
        var rule = Assert.Single(frontend.Routes.Rules);
        Assert.Null(rule.Route);
        Assert.Equal(new BackendModel(new ClusterId("ns", "a", 81), 1), Assert.Single(rule.Backends.Backends));
        Assert.Null(Assert.Single(frontend.Routes.Matches).Index);
    }
}
