using System.Text.Json;
using MeshSdk.Model;
using MeshSdk.Tool.Explain;
using static MeshSdk.Tool.Tests.Explain.Snapshots;

namespace MeshSdk.Tool.Tests.Explain;

/// <summary>What an explanation says of the policy of a backend.</summary>
public sealed class ExplainPolicyTests
{
    private static readonly JsonElement Written = JsonDocument.Parse("""{"consecutive5xxErrors":3}""").RootElement;

    [Fact]
    public void Blocks_are_there_as_written() => Assert.Equal(
        (Written.GetRawText(), null),
        Blocks(static cluster => cluster with
        {
            OutlierDetection = new OutlierDetectionModel { Consecutive5xx = 3 },
            Policy = ClusterPolicy.None with { OutlierDetection = Written },
        }));

    [Fact]
    public void Blocks_that_no_object_states_are_there_as_they_hold()
    {
        var (outliers, pool) = Blocks(static cluster => cluster with
        {
            OutlierDetection = new OutlierDetectionModel { Consecutive5xx = 3 },
            Limits = new ConnectionLimits { MaxRequests = 7 },
        });

        var detection = JsonDocument.Parse(outliers!).RootElement;
        Assert.Equal((3, "30s", 10), (
            detection.GetProperty("consecutive5xxErrors").GetInt32(),
            detection.GetProperty("baseEjectionTime").GetString(),
            detection.GetProperty("maxEjectionPercent").GetInt32()));
        Assert.Equal(7, JsonDocument.Parse(pool!).RootElement.GetProperty("maxRequests").GetInt32());
    }

    [Fact]
    public void Defaults_are_no_blocks() =>
        Assert.Equal((null, null), Blocks(static cluster => cluster with { ConnectTimeout = TimeSpan.FromSeconds(1), LoadBalancer = LoadBalancerKind.Random }));

    [Fact]
    public void The_text_names_the_blocks_and_why_endpoints_get_nothing()
    {
        var service = Service(
                "web",
                Endpoint("10.0.0.1"),
                Endpoint("10.0.0.2", EndpointHealth.Terminating),
                Endpoint("10.0.0.3") with { Priority = 1, Weight = 2, Locality = new Locality("far", "\u001b[2J", "") })
            .WithCluster(static cluster => cluster with
            {
                LoadBalancer = LoadBalancerKind.Maglev,
                Endpoints = [cluster.Endpoints[0], cluster.Endpoints[0] with { Address = "10.0.0.4" }, cluster.Endpoints[0] with { Address = "10.0.0.5" }, .. cluster.Endpoints[1..]],
                OutlierDetection = new OutlierDetectionModel(),
                Limits = new ConnectionLimits { MaxRequests = 7 },
            });
        var request = MeshRequest.Create(method: null, "http://web/", []);

        Assert.EndsWith(
            """
                100 %  shop/web:80  MAGLEV, connection pool, outlier detection
                       10.0.0.1:8080  ready
                       10.0.0.4:8080  ready
                       10.0.0.5:8080  ready
                       10.0.0.2:8080  terminating  gets no requests: shutting down, and others are ready
                       10.0.0.3:8080  ready  far/\u001b[2J  priority 1  weight 2  gets no requests: priorities before its own take all requests

            """,
            ExplanationText.Of(new Explainer(Of(service), MeshSecurity.On).Explain(request), request, new CallerContext { Namespace = Ns }),
            StringComparison.Ordinal);
    }

    private static (string? OutlierDetection, string? ConnectionPool) Blocks(Func<ClusterModel, ClusterModel> change)
    {
        var service = Service("web", Endpoint("10.0.0.1")).WithCluster(change);
        var explanation = new Explainer(Of(service), MeshSecurity.On).Explain(MeshRequest.Create(method: null, "http://web/", []));
        var policy = Assert.Single(JsonDocument.Parse(ExplainJson.Write(explanation)).RootElement.GetProperty("backends").EnumerateArray()).GetProperty("policy");
        Assert.Equal(["destinationRule", "loadBalancer", "tls", "outlierDetection", "connectionPool"], policy.EnumerateObject().Select(static p => p.Name));
        return (Raw("outlierDetection"), Raw("connectionPool"));

        string? Raw(string name) => policy.GetProperty(name) is { ValueKind: not JsonValueKind.Null } block ? block.GetRawText() : null;
    }
}
