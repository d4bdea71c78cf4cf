using MeshSdk.Clusters;
using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Routing;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Routing;

public sealed class FrontendIndexTests : IDisposable
{
    private readonly ClusterRegistry _clusters = new(new LoadBalancingPolicies(new Random(1)), new TransportSettings());
    private readonly FrontendIndex _index;

    public FrontendIndexTests() => _index = new FrontendIndex(_clusters, new Random(1));

    public void Dispose() => _clusters.Dispose();

    private static ServiceModel Backend => Snapshots.Service("backend") with
    {
        Hosts = ["backend", "backend.test", "backend.test.svc", "backend.test.svc.cluster.local", "10.96.0.10", "fd00::1"],
    };

    private void Apply(ServiceModel? previous, ServiceModel? current) => _index.Apply((previous ?? current)!.Id, previous, current);

    private Frontend? Find(string uri) => _index.Find(new Uri(uri));

    [Theory]
    [InlineData("http://backend")]
    [InlineData("http://backend/path?query")]
    [InlineData("http://backend:80/")]
    [InlineData("http://BackEnd/")]
    [InlineData("http://backend./")]
    [InlineData("http://backend.test/")]
    [InlineData("http://backend.TEST./")]
    [InlineData("http://backend.test.svc/")]
    [InlineData("http://backend.test.svc.cluster.local/")]
    [InlineData("http://backend.test.svc.cluster.local.:80/")]
    [InlineData("http://10.96.0.10/")]
    [InlineData("http://[fd00::1]/")]
    [InlineData("http://[FD00:0000::0001]:80/")]
    [InlineData("http://user:password@backend/")]
    [InlineData("ws://backend/")]
    [InlineData("https://backend:80/")]
    public void Every_form_of_the_authority_leads_to_the_same_frontend(string uri)
    {
        Apply(null, Backend);

        Assert.NotNull(Find(uri));
        Assert.Same(Find("http://backend"), Find(uri));
    }

    [Theory]
    [InlineData("http://backend:8080/")]
    [InlineData("https://backend/")]
    [InlineData("http://other/")]
    [InlineData("http://backend.other/")]
    [InlineData("http://10.96.0.11/")]
    [InlineData("http://[fd00::2]/")]
    public void Everything_else_is_none_of_the_mesh(string uri)
    {
        Apply(null, Backend);

        Assert.Null(Find(uri));
    }

    [Fact]
    public void A_frontend_stays_the_same_when_its_routes_change()
    {
        Apply(null, Backend);
        var frontend = Find("http://backend")!;
        var changed = Backend.Routed(Snapshots.Rule(("v1", 1)));

        Apply(Backend, changed);

        Assert.Same(frontend, Find("http://backend"));
        Assert.Same(changed.Frontends[0], frontend.Routes!.Model);
    }

    [Fact]
    public void A_service_that_goes_takes_its_names_with_it()
    {
        Apply(null, Backend);
        var frontend = Find("http://backend")!;

        Apply(Backend, null);

        Assert.Null(Find("http://backend"));
        Assert.Null(Find("http://[fd00::1]"));
        Assert.Null(frontend.Routes); // who found it a moment ago passes through
    }

    [Fact]
    public void A_port_and_a_name_that_go_alone_take_nothing_else_with_them()
    {
        var two = Backend with { Frontends = [.. Backend.Frontends, .. Backend.OnPort(8080).Frontends] };
        Apply(null, two);
        var gone = Find("http://backend:8080")!;

        Apply(two, Backend with { Hosts = ["backend"] });

        Assert.NotNull(Find("http://backend"));
        Assert.Null(Find("http://backend:8080"));
        Assert.Null(gone.Routes);
        Assert.Null(Find("http://10.96.0.10"));
    }

    [Fact]
    public void A_name_that_another_service_took_over_stays_with_it()
    {
        var heir = Snapshots.Service("heir") with { Hosts = ["heir", "10.96.0.10"] };
        Apply(null, Backend);

        Apply(null, heir);
        Apply(Backend, null);

        Assert.Equal("heir", Find("http://10.96.0.10")!.Id.Service);
        Assert.Null(Find("http://backend"));
    }

    [Theory]
    [InlineData("http://backend:81/", "test/backend")]
    [InlineData("http://backend.test./", "test/backend")]
    [InlineData("http://[fd00::1]:81/", "test/backend")]
    [InlineData("http://other/", null)]
    public void A_service_is_found_whatever_the_port(string uri, string? expected)
    {
        Apply(null, Backend);
        Assert.Equal(expected, _index.FindService(new Uri(uri))?.ToString());
    }

    [Fact]
    public void A_service_that_is_leaving_is_not_one_without_ports()
    {
        Apply(null, Backend);
        var id = Backend.Id;

        // As it is in the middle of its going: the ports are gone already, and the names lead to it yet.
        _index.Apply(id, previous: null, current: null);

        Assert.Null(Find("http://backend"));
        Assert.Null(_index.FindService(new Uri("http://backend")));
        Apply(null, Backend);
        Assert.Equal(id, _index.FindService(new Uri("http://backend")));
    }

    [Fact]
    public void A_namespace_is_there_as_long_as_it_has_a_service()
    {
        var other = Snapshots.Service("other");
        Assert.False(_index.HasNamespace("test"));
        Apply(null, Backend);
        Apply(Backend, Backend);
        Apply(null, other);
        Apply(Backend, null);
        Assert.True(_index.HasNamespace("test"));
        Apply(other, null);
        Assert.False(_index.HasNamespace("test"));
    }

    [Fact]
    public void Use_is_told_once_for_all_names_and_ports()
    {
        var two = Backend with { Frontends = [.. Backend.Frontends, .. Backend.OnPort(8080).Frontends] };
        Apply(null, two);
        Apply(null, Snapshots.Service("other"));
        Assert.Empty(_index.TakeUsed());
        Find("http://backend:8080")!.Use();
        Find("http://backend.test")!.Use();
        Assert.Equal([two.Id], _index.TakeUsed());
        Assert.Empty(_index.TakeUsed());
    }
}
