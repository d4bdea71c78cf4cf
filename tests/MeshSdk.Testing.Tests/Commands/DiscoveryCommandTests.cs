using System.Text.Json.Nodes;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Commands;

/// <summary>What the real kubectl finds out about the server, also from one that offers less.</summary>
public sealed class DiscoveryCommandTests(KubectlSession session) : IClassFixture<KubectlSession>
{
    [Fact]
    public async Task Kinds_and_versions_are_listed()
    {
        var console = await session.OpenAsync();
        var kinds = await console.Table("api-resources --no-headers");

        Assert.Contains(kinds, row => row is ["httproutes", "gateway.networking.k8s.io/v1", "true", "HTTPRoute"]);
        Assert.Contains(kinds, row => row is ["destinationrules", "dr", "networking.istio.io/v1", "true", "DestinationRule"]);
        Assert.Contains(kinds, row => row is ["namespaces", "ns", "v1", "false", "Namespace"]);
        Assert.Equal(
            "pods\nservices\ndeployments.apps\nreplicasets.apps", await console.Run("api-resources --categories=all -o name"));
        var versions = (await console.Run("api-versions")).Split('\n');
        Assert.Contains("gateway.networking.k8s.io/v1beta1", versions);
        Assert.Contains("v1", versions);
    }

    [Fact]
    public async Task The_server_tells_its_version_and_where_it_is()
    {
        var console = await session.OpenAsync();
        var server = JsonNode.Parse(await console.Run("version -o json"))!["serverVersion"]!;

        Assert.Equal(("1", "33"), ((string)server["major"]!, (string)server["minor"]!));
        Assert.Contains(session.Cluster.Address.ToString().TrimEnd('/'), await console.Run("cluster-info"), StringComparison.Ordinal);
        Assert.Equal("ok", await console.Run("get --raw /readyz"));
    }

    [Theory]
    [InlineData("httproute.spec.rules.backendRefs.weight", "FIELD: weight <integer>", "This backend's share")]
    [InlineData("svc.spec.clusterIP", "FIELD: clusterIP <string>", "The address that stands for all pods")]
    [InlineData("dr.spec.host", "FIELD: host <string>", "The Service, as in backend")]
    public async Task Fields_are_explained(string field, string head, string description)
    {
        var console = await session.OpenAsync();
        var explained = await console.Run("explain " + field);

        Assert.Contains(head, explained, StringComparison.Ordinal);
        Assert.Contains(description, explained, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fields_that_are_not_there_are_said_so()
    {
        var console = await session.OpenAsync();
        Assert.Equal("error: field \"nothing\" does not exist", (await console.Refused("explain svc.nothing")).Split('\n')[^1]);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public async Task A_server_of_less_is_enough(bool isAggregated, bool isHttp2)
    {
        using var kubectl = Kubectl.Require();
        var protocols = new HashSet<string>();
        await using var cluster = await EmbeddedKubernetes.StartAsync(options =>
        {
            options.AggregatedDiscovery = isAggregated;
            options.Http2 = isHttp2;
            options.OnRequest = request =>
            {
                lock (protocols)
                {
                    protocols.Add(request.Protocol);
                }
            };
        });
        cluster.WriteKubeconfig(kubectl.Kubeconfig);
        var console = new KubectlConsole(kubectl, "default");

        await console.Run("apply -f -", Manifests.All);
        await console.Run("apply -f -", Manifests.Widgets("less.example.com"));
        await console.Run("apply -f -", Manifests.Widget("less.example.com"));
        Assert.Equal("service/backend\ndeployment.apps/backend\nwidget.less.example.com/w", await console.Run("get all -o name"));
        await console.Run("wait lesswd/w --for=jsonpath={.spec.size}=3 --timeout=10s");
        await console.Run("delete -f -", Manifests.All);
        Assert.Equal(isHttp2 ? "HTTP/2" : "HTTP/1.1", Assert.Single(protocols));
    }
}
