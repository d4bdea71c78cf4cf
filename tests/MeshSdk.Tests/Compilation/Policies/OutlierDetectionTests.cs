namespace MeshSdk.Tests.Compilation.Policies;

public sealed class OutlierDetectionTests
{
    private const string Times = "every 10s for 30s to 5m of 10%";

    [Theory]
    [InlineData("{}", "5xx 5 gateway 0 local - " + Times)]
    [InlineData("{consecutive5xxErrors: 0}", "5xx 0 gateway 0 local - " + Times)]
    [InlineData("{consecutive5xxErrors: 3, consecutiveGatewayErrors: 2}", "5xx 3 gateway 2 local - " + Times)]
    [InlineData("{consecutiveGatewayErrors: 0}", "5xx 5 gateway 0 local - " + Times)]
    [InlineData("{splitExternalLocalOriginErrors: true}", "5xx 5 gateway 0 local 5 " + Times)]
    [InlineData("{splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 0}", "5xx 5 gateway 0 local 5 " + Times)]
    [InlineData("{splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 2}", "5xx 5 gateway 0 local 2 " + Times)]
    [InlineData("{consecutive5xxErrors: 4294967295, consecutiveGatewayErrors: 4294967295}", "5xx 2147483647 gateway 2147483647 local - " + Times)]
    [InlineData("{splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 4294967295}", "5xx 5 gateway 0 local 2147483647 " + Times)]
    [InlineData("{interval: 1s, baseEjectionTime: 3m}", "5xx 5 gateway 0 local - every 1s for 3m to 5m of 10%")]
    [InlineData("{baseEjectionTime: 15m}", "5xx 5 gateway 0 local - every 10s for 15m to 15m of 10%")]
    [InlineData("{maxEjectionPercent: 0}", "5xx 5 gateway 0 local - " + Times)]
    [InlineData("{maxEjectionPercent: 100}", "5xx 5 gateway 0 local - every 10s for 30s to 5m of 100%")]
    [InlineData("{minHealthPercent: 0}", "5xx 5 gateway 0 local - " + Times)]
    [InlineData("{minHealthPercent: 50}", "5xx 5 gateway 0 local - " + Times + "; panic below 50%")]
    [InlineData("{outlierDetectionHttpErrorCodes: [503, 429, 503]}", "5xx 5 gateway 0 local - " + Times + " codes 429,503")]
    public void Unset_fields_are_as_Istio_leaves_them(string block, string expected)
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile($"{{outlierDetection: {block}}}");
        Assert.Equal($"outliers {expected}", PolicyBlocks.Describe(cluster));
        Assert.Empty(diagnostics);
    }

    [Theory]
    [InlineData("{consecutiveErrors: 2}", "Warning Ignored outlierDetection.consecutiveErrors")]
    [InlineData("{consecutiveLocalOriginFailures: 2}", "Warning Ignored outlierDetection.consecutiveLocalOriginFailures")]
    [InlineData("{consecutive5xxErrors: -1}", "Error UnsupportedValue outlierDetection.consecutive5xxErrors")]
    [InlineData("{consecutiveGatewayErrors: '3'}", "Error UnsupportedValue outlierDetection.consecutiveGatewayErrors")]
    [InlineData("{interval: 0s}", "Error UnsupportedValue outlierDetection.interval")]
    [InlineData("{baseEjectionTime: 100us}", "Error UnsupportedValue outlierDetection.baseEjectionTime")]
    [InlineData("{maxEjectionPercent: 101}", "Error UnsupportedValue outlierDetection.maxEjectionPercent")]
    [InlineData("{minHealthPercent: 101}", "Error UnsupportedValue outlierDetection.minHealthPercent")]
    [InlineData("{outlierDetectionHttpErrorCodes: [99]}", "Error UnsupportedValue outlierDetection.outlierDetectionHttpErrorCodes[0]")]
    [InlineData("{outlierDetectionHttpErrorCodes: [600]}", "Error UnsupportedValue outlierDetection.outlierDetectionHttpErrorCodes[0]")]
    [InlineData("{outlierDetectionHttpErrorCodes: 5}", "Error UnsupportedValue outlierDetection.outlierDetectionHttpErrorCodes")]
    public void A_field_that_cannot_be_used_takes_its_default(string block, string diagnostic)
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile($"{{outlierDetection: {block}}}");
        Assert.Equal($"outliers 5xx 5 gateway 0 local - {Times}", PolicyBlocks.Describe(cluster));
        Assert.Equal([diagnostic], diagnostics.Short());
    }

    [Fact]
    public void A_block_that_is_none_ejects_nobody()
    {
        var (cluster, diagnostics) = PolicyBlocks.Compile("{outlierDetection: on}");
        Assert.Null(cluster.OutlierDetection);
        Assert.Equal(["Error UnsupportedValue outlierDetection"], diagnostics.Short());
    }

    [Theory]
    [InlineData("{outlierDetection: on}", "{consecutive5xxErrors: 3}", 3, "spec.trafficPolicy.outlierDetection")]
    [InlineData("{outlierDetection: on}", null, 9, "spec.trafficPolicy.outlierDetection")]
    [InlineData("{loadBalancer: {simple: RANDOM}}", "{consecutive5xxErrors: 3", 9, "metadata.annotations[meshsdk.io/outlier-detection]")]
    public void A_block_that_is_none_leaves_the_place_to_the_next(string policy, string? annotation, int expected, string path)
    {
        var rule = Given.Policy("p", "a", "RANDOM");
        var typed = System.Text.Json.JsonSerializer.Deserialize(PolicyBlocks.Yaml(policy), MeshSdk.Resources.Json.ResourceJsonContext.Default.TrafficPolicy);
        var mesh = new MeshSdk.Resources.MeshConfigMap
        {
            Metadata = new() { Namespace = "istio-system", Name = "istio" },
            Data = new() { Mesh = "defaultTrafficPolicy: {outlierDetection: {consecutive5xxErrors: 9}}" },
        };
        var snapshot = Given.Snapshot(annotation is null ? Given.Service("a") : Annotated(annotation), rule with { Spec = rule.Spec with { TrafficPolicy = typed } }, mesh);
        Assert.Equal(expected, snapshot.Cluster("a").OutlierDetection?.Consecutive5xx);
        var told = Assert.Single(snapshot.AllDiagnostics());
        Assert.Equal(path, told.Path);
        Assert.EndsWith("left out", told.Message, StringComparison.Ordinal);
    }

    // A locality setting that needs somebody who ejects says so, and does not fail over.
    [Fact]
    public void A_block_that_is_none_is_no_reason_to_fail_over()
    {
        var (_, diagnostics) = PolicyBlocks.Compile("{outlierDetection: on, loadBalancer: {localityLbSetting: {failoverPriority: [version]}}}");
        Assert.Equal(
            ["Error UnsupportedValue outlierDetection", "Warning Ignored loadBalancer.localityLbSetting.failoverPriority"], diagnostics.Short().Order());
    }

    [Theory]
    [InlineData("{consecutive5xxErrors: 3, interval: 5s}", "5xx 3 gateway 0 local - every 5s for 30s to 5m of 10%")]
    [InlineData("{\"consecutive5xxErrors\": 3, \"interval\": \"5s\"}", "5xx 3 gateway 0 local - every 5s for 30s to 5m of 10%")]
    [InlineData("consecutive5xxErrors: 3\ninterval: 5s\n", "5xx 3 gateway 0 local - every 5s for 30s to 5m of 10%")]
    [InlineData("{}", "5xx 5 gateway 0 local - " + Times)]
    public void A_Service_may_state_it_where_no_rule_does(string annotation, string expected)
    {
        var cluster = Given.Snapshot(Annotated(annotation)).Cluster("a");
        Assert.Equal($"outliers {expected}", PolicyBlocks.Describe(cluster));
        Assert.NotNull(cluster.Policy.OutlierDetection);
        Assert.Null(cluster.Policy.Name);
    }

    [Theory]
    [InlineData("{outlierDetection: {consecutive5xxErrors: 7}}", 7)]
    [InlineData("{connectionPool: {tcp: {maxConnections: 7}}}", 3)]
    [InlineData("{outlierDetection: {consecutive5xxErrors: 7}, portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: RANDOM}}]}", 3)]
    public void A_rule_that_states_the_block_comes_before_the_Service(string policy, int expected)
    {
        var rule = Given.Policy("p", "a", "RANDOM");
        var json = PolicyBlocks.Yaml(policy);
        var typed = System.Text.Json.JsonSerializer.Deserialize(json, MeshSdk.Resources.Json.ResourceJsonContext.Default.TrafficPolicy);
        var cluster = Given.Snapshot(Annotated("{consecutive5xxErrors: 3}"), rule with { Spec = rule.Spec with { TrafficPolicy = typed } }).Cluster("a");
        Assert.Equal(expected, cluster.OutlierDetection!.Consecutive5xx);
    }

    [Theory]
    [InlineData("{consecutive5xxErrors: 3")]
    [InlineData("{a: 1}\n---\n{b: 2}")]
    [InlineData("{a: 1, a: 2}")]
    [InlineData("on")]
    [InlineData("[]")]
    public void An_annotation_that_cannot_be_read_is_reported_and_ejects_nobody(string annotation)
    {
        var snapshot = Given.Snapshot(Annotated(annotation));
        Assert.Null(snapshot.Cluster("a").OutlierDetection);
        Assert.Equal(["Error UnsupportedValue metadata.annotations[meshsdk.io/outlier-detection]"], snapshot.AllDiagnostics().Codes());
    }

    [Fact]
    public void A_field_of_an_annotation_is_named()
    {
        var snapshot = Given.Snapshot(Annotated("{interval: soon}"));
        Assert.NotNull(snapshot.Cluster("a").OutlierDetection);
        Assert.Equal(["Error UnsupportedValue metadata.annotations[meshsdk.io/outlier-detection].interval"], snapshot.AllDiagnostics().Codes());
    }

    [Fact]
    public void A_field_that_an_annotation_cannot_have_is_named()
    {
        var snapshot = Given.Snapshot(Annotated("{consecutive5xx: 3}"));
        Assert.NotNull(snapshot.Cluster("a").OutlierDetection);
        Assert.Equal(["Warning Ignored metadata.annotations[meshsdk.io/outlier-detection].consecutive5xx"], snapshot.AllDiagnostics().Codes());
    }

    [Theory]
    [InlineData("{interval: 3s}")]
    [InlineData("{interval: soon}", "Error UnsupportedValue metadata.annotations[meshsdk.io/outlier-detection].interval")]
    [InlineData("{minHealthPercent: 101}", "Error UnsupportedValue metadata.annotations[meshsdk.io/outlier-detection].minHealthPercent")]
    public void An_annotation_that_a_rule_takes_the_place_of_is_judged_and_said_to_be_unused(string annotation, params string[] faults)
    {
        var rule = Given.Policy("p", "a", "RANDOM");
        var policy = rule.Spec.TrafficPolicy! with { OutlierDetection = PolicyBlocks.Yaml("{consecutive5xxErrors: 7}") };
        var snapshot = Given.Snapshot(Annotated(annotation), rule with { Spec = rule.Spec with { TrafficPolicy = policy } });
        Assert.Equal(7, snapshot.Cluster("a").OutlierDetection!.Consecutive5xx);
        Assert.Equal(0, snapshot.Cluster("a").PanicThreshold);
        var diagnostics = snapshot.AllDiagnostics().ToList();
        Assert.Equal([.. faults, "Info Ignored metadata.annotations[meshsdk.io/outlier-detection]"], diagnostics.Codes());
        Assert.Contains("DestinationRule ns/p states outlierDetection for port 80", diagnostics[^1].Message, StringComparison.Ordinal);
    }

    private static MeshSdk.Resources.Service Annotated(string annotation)
    {
        var service = Given.Service("a");
        return service with { Metadata = service.Metadata with { Annotations = new() { ["meshsdk.io/outlier-detection"] = annotation } } };
    }
}
