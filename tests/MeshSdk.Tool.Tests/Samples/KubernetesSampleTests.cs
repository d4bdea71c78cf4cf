namespace MeshSdk.Tool.Tests.Samples;

/// <summary>The files of samples/k8s mean what the page about them says.</summary>
public sealed class KubernetesSampleTests
{
    private static readonly string[] Manifests = ["--manifests", Path.Combine(AppContext.BaseDirectory, "samples", "k8s"), "-n", "istio-test"];

    [Fact]
    public async Task The_route_sends_nine_of_ten_to_version_1()
    {
        var run = await ToolRun.Of(["describe", "service", "backend", "-o", "json", .. Manifests]);

        var rule = Assert.Single(Assert.Single(run.Json.GetProperty("ports")[0].GetProperty("routes").EnumerateArray()).GetProperty("rules").EnumerateArray());
        Assert.Equal(
            [("backend-v1", 0.9), ("backend-v2", 0.1)],
            rule.GetProperty("backends").EnumerateArray().Select(static b => (b.GetProperty("service").GetString()!, b.GetProperty("share").GetDouble())));
        Assert.Equal("[]", run.Json.GetProperty("notActedOn").GetRawText());
    }

    [Fact]
    public async Task The_policies_apply_and_say_what_the_page_shows()
    {
        var run = await ToolRun.Of(["describe", "service", "backend-v1", .. Manifests]);

        Assert.StartsWith(
            """
            Service: backend-v1
               Port: http 80/HTTP targets pod port 5678
            DestinationRule: backend-v1-settings for "backend-v1.istio-test.svc.cluster.local"
               Traffic Policy TLS Mode: ISTIO_MUTUAL
               Policies: load balancer

            """,
            run.Out,
            StringComparison.Ordinal);
    }
}
