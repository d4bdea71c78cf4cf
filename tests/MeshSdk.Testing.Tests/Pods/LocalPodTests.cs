using System.Net;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Controllers.EndpointSlices;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Pods;

public sealed class LocalPodTests : IAsyncLifetime
{
    private static readonly Dictionary<string, string> Labels = new() { ["app"] = "backend" };

    private EmbeddedKubernetes _cluster = null!;

    private IClusterApi Api => _cluster.Api;

    public async ValueTask InitializeAsync()
    {
        _cluster = await EmbeddedKubernetes.StartAsync();
        await _cluster.ApplyAsync("""
            { "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "shop" } }
            """);
        Api.Put("", "services", Manifest.Service("shop", "backend", """
            { "selector": { "app": "backend" }, "ports": [ { "name": "http", "port": 80, "targetPort": 5678 } ] }
            """));
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Servers_of_one_machine_are_endpoints_from_the_first_to_the_last_moment()
    {
        await using var first = await AddAsync("p1", 41001, 5678);
        await using (var second = await AddAsync("p2", 41002, 5678))
        {
            await EndpointsAsync("p1 127.0.0.1:41001 ready", "p2 127.0.0.1:41002 ready");
            await second.SetReadyAsync(false);
            await EndpointsAsync("p1 127.0.0.1:41001 ready", "p2 127.0.0.1:41002");
            await second.SetReadyAsync(true);
            await EndpointsAsync("p1 127.0.0.1:41001 ready", "p2 127.0.0.1:41002 ready");
            await second.TerminateAsync();
            await EndpointsAsync("p1 127.0.0.1:41001 ready", "p2 127.0.0.1:41002 serving terminating");
            await second.TerminateAsync();
            await second.SetReadyAsync(false);
            await EndpointsAsync("p1 127.0.0.1:41001 ready", "p2 127.0.0.1:41002 terminating");
        }

        await EndpointsAsync("p1 127.0.0.1:41001 ready");
        Assert.Null(Api.Get("", "pods", "shop", "p2"));
    }

    [Fact]
    public async Task A_pod_says_who_it_is_and_where_it_runs()
    {
        await using var pod = await AddAsync("p1", 41001, 5678, options =>
        {
            options.Workload = "backend-v1";
            options.ServiceAccountName = "shop-backend";
            options.Zone = "eu-1a";
            options.Region = "eu-1";
            options.PortName = "web";
            options.AdditionalPorts[9090] = 41009;
            options.Annotations["note"] = "x";
            options.Ready = false;
        });
        await using var other = await AddAsync("p2", 41002, null, options => options.Workload = "backend-v1");

        var stored = Api.Get("", "pods", "shop", "p1")!;
        var owner = Assert.Single(stored.ObjectsAt("metadata", "ownerReferences"));
        Assert.Equal("ReplicaSet", owner.TextAt("kind"));
        Assert.Equal($"backend-v1-{stored.TextAt("metadata", "labels", "pod-template-hash")}", owner.TextAt("name"));
        Assert.Equal(owner.ToJsonString(), Assert.Single(Api.Get("", "pods", "shop", "p2").ObjectsAt("metadata", "ownerReferences")).ToJsonString());
        Assert.Equal("shop-backend", stored.TextAt("spec", "serviceAccountName"));
        Assert.Equal("node-eu-1a", stored.TextAt("spec", "nodeName"));
        Assert.Equal(("Running", "127.0.0.1"), (stored.TextAt("status", "phase"), stored.TextAt("status", "podIP")));
        Assert.Equal("5678=41001,9090=41009", stored.TextAt("metadata", "annotations", "meshsdk.dev/local-ports"));
        Assert.Equal("x", stored.TextAt("metadata", "annotations", "note"));
        var ports = stored.ObjectsAt("spec", "containers").Single().ObjectsAt("ports");
        Assert.Equal(["5678 web", "9090 "], ports.Select(port => $"{port.NumberAt("containerPort")} {port.TextAt("name")}"));
        Assert.False(PodView.From(stored).IsReady);
        var node = Api.Get("", "nodes", null, "node-eu-1a");
        Assert.Equal("eu-1a", node.TextAt("metadata", "labels", "topology.kubernetes.io/zone"));
        Assert.Equal("eu-1", node.TextAt("metadata", "labels", "topology.kubernetes.io/region"));
        await Api.UntilAsync(api => api.List("discovery.k8s.io", "endpointslices")
            .SelectMany(slice => slice.ObjectsAt("endpoints")).Any(endpoint => endpoint.TextAt("zone") == "eu-1a"));
    }

    [Fact]
    public async Task A_pod_whose_port_is_its_own_has_no_annotation()
    {
        await using var pod = await AddAsync("p1", 5678, null);

        await EndpointsAsync("p1 127.0.0.1:5678 ready");
        Assert.Null(Api.Get("", "pods", "shop", "p1").TextAt("metadata", "annotations", "meshsdk.dev/local-ports"));
    }

    [Fact]
    public async Task A_pod_that_somebody_has_deleted_is_not_brought_back()
    {
        var pod = await AddAsync("p1", 41001, 5678);
        Api.Delete("", "pods", "shop", "p1");

        var gone = await Assert.ThrowsAsync<InvalidOperationException>(() => pod.SetReadyAsync(true));
        Assert.Equal("The pod shop/p1 is gone.", gone.Message);

        await using var next = await AddAsync("p1", 41002, 5678);
        await pod.DisposeAsync();
        Assert.NotNull(Api.Get("", "pods", "shop", "p1"));
    }

    [Fact]
    public async Task What_no_client_could_dial_is_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _cluster.AddPodAsync("shop", "p", Labels, new(IPAddress.Any, 80)));
        await Assert.ThrowsAsync<ArgumentException>(() => _cluster.AddPodAsync("shop", "p", Labels, new(IPAddress.IPv6Any, 80)));
        await Assert.ThrowsAsync<ArgumentException>(() => _cluster.AddPodAsync("shop", "p", Labels, new(IPAddress.Loopback, 0)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _cluster.AddPodAsync("shop", "p", Labels, new(IPAddress.Loopback, 80), 70000));
        await using var pod = await AddAsync("p", 41001, null);
        await Assert.ThrowsAsync<InvalidOperationException>(() => AddAsync("p", 41002, null));
    }

    [Theory]
    [InlineData("::1", "::1")]
    [InlineData("::ffff:127.0.0.2", "127.0.0.2")]
    public async Task The_address_is_the_one_that_others_see(string server, string expected)
    {
        await using var pod = await _cluster.AddPodAsync("new", "p", Labels, new(IPAddress.Parse(server), 80), ct: TestContext.Current.CancellationToken);

        Assert.Equal(expected, Api.Get("", "pods", "new", "p").TextAt("status", "podIP"));
        Assert.NotNull(Api.Get("", "namespaces", null, "new"));
    }

    private Task<LocalPod> AddAsync(string name, int port, int? containerPort, Action<LocalPodOptions>? configure = null) =>
        _cluster.AddPodAsync("shop", name, Labels, new(IPAddress.Loopback, port), containerPort, configure, TestContext.Current.CancellationToken);

    private Task EndpointsAsync(params string[] expected) => Api.UntilAsync(api => Endpoints(api).SequenceEqual(expected));

    private static IEnumerable<string> Endpoints(IClusterApi api) =>
        from slice in api.List("discovery.k8s.io", "endpointslices", "shop")
        from endpoint in slice.ObjectsAt("endpoints")
        let conditions = endpoint["conditions"]
        let text = $"{endpoint.TextAt("targetRef", "name")} {endpoint.TextsAt("addresses")[0]}:{slice.ObjectsAt("ports").Single().NumberAt("port")}"
            + (conditions.IsTrueAt("ready") ? " ready" : conditions.IsTrueAt("serving") ? " serving" : "")
            + (conditions.IsTrueAt("terminating") ? " terminating" : "")
        orderby text
        select text;
}
