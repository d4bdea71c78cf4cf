using MeshSdk.Compilation;
using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Tests.Compilation;

/// <summary>What pods say of the endpoints on them.</summary>
public sealed class PodTests
{
    [Theory]
    [InlineData("backend-v1-6d4cf56db6-x7k2p", "backend-v1")]
    [InlineData("backend-v1-6d4cf56-x7k2p", "backend-v1")]
    [InlineData("agent-x7k2p", "agent")]
    [InlineData("db-0", "db")]
    [InlineData("db-12", "db")]
    [InlineData("my-db-replica", "my-db-replica")]
    [InlineData("backend-abcde", "backend-abcde")]
    [InlineData("backend-primary-x7k2p", "backend-primary")]
    [InlineData("backend-v10-x7k2p", "backend-v10")]
    [InlineData("x7k2p", "x7k2p")]
    [InlineData("-x7k2p", "-x7k2p")]
    [InlineData("backend-", "backend-")]
    public void A_name_alone_tells_the_workload_by_its_suffixes(string pod, string workload) => Assert.Equal(workload, PodWorkload.OfName(pod));

    public static TheoryData<string, string> Owners => new()
    {
        { """{"labels":{"pod-template-hash":"abc"},"ownerReferences":[{"kind":"ReplicaSet","name":"web-v1-abc","controller":true}]}""", "web-v1" },
        { """{"ownerReferences":[{"kind":"ReplicaSet","name":"web-v1-abc","controller":true}]}""", "web-v1-abc" },
        { """{"ownerReferences":[{"kind":"Other","name":"x"},{"kind":"StatefulSet","name":"db","controller":true}]}""", "db" },
        { """{"ownerReferences":[{"kind":"Job","name":"import"}],"labels":{"app":"other"}}""", "import" },
        { """{"labels":{"app":"web"}}""", "web" },
        { """{"labels":{"app":""}}""", "web-0" },
        { "{}", "web-0" },
    };

    [Theory]
    [MemberData(nameof(Owners))]
    public void A_pod_belongs_to_its_controller(string metadata, string workload)
    {
        var content = ManifestReader.Read($$"""{"apiVersion":"v1","kind":"Pod","metadata":{{metadata}}}""".Replace("metadata\":{", "metadata\":{\"name\":\"web-0\",", StringComparison.Ordinal).Replace(",}", "}", StringComparison.Ordinal), "pod.json");
        Assert.Empty(content.Problems);
        Assert.Equal(workload, PodWorkload.Of((Pod)content.Resources[0]));
    }

    [Theory]
    [InlineData("ns/web-x7k2p", "10.0.0.1", "one", "web as one")]
    [InlineData("ns/web-x7k2p", "10.0.0.1", null, "web as default")]
    [InlineData("ns/web-x7k2p", null, "one", "web as one")]
    [InlineData("ns/web-x7k2p", "10.0.0.9", "one", "web as ")]
    [InlineData("other/web-x7k2p", "10.0.0.1", "one", "web as ")]
    [InlineData("ns/web-zzzzz", "10.0.0.1", "one", "web as ")]
    public void A_pod_speaks_for_an_endpoint_that_names_it_and_has_its_address(string name, string? address, string? account, string expected)
    {
        var endpoint = Given.Snapshot(
            Given.Service("a"),
            Given.Slice("s", "a", 80, Given.Endpoint("10.0.0.1", pod: "web-x7k2p")),
            Given.Pod(name, account, address is null ? [] : [address])).Cluster("a").Endpoints[0];
        Assert.Equal(expected, $"{endpoint.Workload} as {endpoint.ServiceAccount}");
    }

    [Fact]
    public void An_endpoint_that_is_no_pod_belongs_to_nothing()
    {
        var endpoint = Given.Endpoint("10.0.0.1", pod: "web-x7k2p");
        endpoint = endpoint with { TargetRef = endpoint.TargetRef! with { Kind = "VirtualMachine" } };
        var model = Given.Snapshot(Given.Service("a"), Given.Slice("s", "a", 80, endpoint)).Cluster("a").Endpoints[0];
        Assert.Equal((null, null), (model.Workload, model.ServiceAccount));
    }

    [Fact]
    public void A_pod_touches_the_services_with_endpoints_on_it_and_only_where_it_says_something_new()
    {
        var store = Given.Store(
            Given.Service("a"), Given.Slice("s1", "a", 80, Given.Endpoint("10.0.0.1", pod: "web-1")),
            Given.Service("b"), Given.Slice("s2", "b", 80, Given.Endpoint("10.0.0.1", pod: "web-1"), Given.Endpoint("10.0.0.2", pod: "web-2")),
            Given.Service("other/c"), Given.Slice("other/s3", "c", 80, Given.Endpoint("10.0.0.1", pod: "web-1")));
        var compiler = Given.Compiler();
        var snapshot = compiler.Compile(store);

        Assert.Equal(["a", "b"], Apply(Given.Pod("web-1", "one")));
        Assert.Equal("one", snapshot.Cluster("a").Endpoints[0].ServiceAccount);
        Assert.Equal(["b"], Apply(Given.Pod("web-2", "two")));
        var pod = Given.Pod("web-1", "one");
        Assert.Empty(Apply(pod with { Metadata = pod.Metadata with { ResourceVersion = "2" } }));
        Assert.Equal(["a", "b"], Apply(Given.Pod("web-1", "three")));
        Assert.Equal("three", snapshot.Cluster("b").Endpoints[0].ServiceAccount);

        store.Apply([], [new ResourceKey("EndpointSlice", "ns", "s1")]);
        Assert.Equal(["b"], store.Apply([], [pod.Key]).Select(static id => id.Name));

        List<string> Apply(Resource resource)
        {
            var dirty = store.Apply([resource], []);
            snapshot = compiler.Recompile(snapshot, store, dirty);
            return [.. dirty.Select(static id => id.Name).Order()];
        }
    }
}
