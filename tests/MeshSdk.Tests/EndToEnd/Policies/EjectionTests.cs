using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.EndToEnd.Policies;

/// <summary>A destination rule's <c>outlierDetection</c>, from its text to who is sent requests.</summary>
public sealed class EjectionTests
{
    private static string Rule(string outlierDetection) =>
        PolicyYaml.Rule($"loadBalancer: {{simple: ROUND_ROBIN}}, outlierDetection: {{{outlierDetection}}}");

    private static Task<EchoServer> AnsweringAsync(int status) => EchoServer.StartAsync("failing", context =>
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    });

    [Theory]
    [InlineData("consecutive5xxErrors: 1", 500, 1)]
    [InlineData("consecutive5xxErrors: 3", 503, 3)]
    [InlineData("interval: 10s", 500, 5)] // Envoy's number, where none is stated
    [InlineData("consecutive5xxErrors: 0, consecutiveGatewayErrors: 2", 502, 2)]
    [InlineData("consecutiveGatewayErrors: 2", 500, 5)] // no gateway's error, but an error
    [InlineData("consecutive5xxErrors: 2, outlierDetectionHttpErrorCodes: [429]", 429, 2)]
    public async Task After_exactly_so_many_errors_an_endpoint_is_left_alone(string detection, int status, int threshold)
    {
        await using var good = await EchoServer.StartAsync();
        await using var bad = await AnsweringAsync(status);
        await using var mesh = await PolicyMesh.StartAsync(PolicyYaml.Backend(good, bad) + Rule($"{detection}, maxEjectionPercent: 50"));

        Assert.Equal(threshold, await mesh.FailuresAsync(20));

        Assert.Equal((threshold, 20 - threshold), (bad.Requests, good.Requests));
        Assert.True(mesh.IsEjected(bad.EndPoint));
    }

    [Theory]
    [InlineData("consecutive5xxErrors: 0", 500)]
    [InlineData("consecutive5xxErrors: 2, outlierDetectionHttpErrorCodes: [429]", 500)]
    [InlineData("consecutive5xxErrors: 2", 429)]
    public async Task What_is_no_error_to_the_rule_ejects_nobody(string detection, int status)
    {
        await using var good = await EchoServer.StartAsync();
        await using var bad = await AnsweringAsync(status);
        await using var mesh = await PolicyMesh.StartAsync(PolicyYaml.Backend(good, bad) + Rule($"{detection}, maxEjectionPercent: 50"));

        Assert.Equal(10, await mesh.FailuresAsync(20));

        Assert.Equal((10, 10, 0), (bad.Requests, good.Requests, mesh.Ejected));
    }

    [Theory]
    [InlineData("consecutive5xxErrors: 3", 3)]
    [InlineData("splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 2, consecutive5xxErrors: 0", 2)]
    public async Task So_is_one_that_refuses_connections(string detection, int threshold)
    {
        await using var good = await EchoServer.StartAsync();
        using var closed = new Socket(SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // nobody else gets the port, and nobody listens
        var bad = (IPEndPoint)closed.LocalEndPoint!;
        await using var mesh = await PolicyMesh.StartAsync(PolicyYaml.Backend([good.EndPoint, bad]) + Rule($"{detection}, maxEjectionPercent: 50"));

        Assert.Equal(threshold, await mesh.FailuresAsync(20));

        Assert.Equal(20 - threshold, good.Requests);
        Assert.True(mesh.IsEjected(bad));
    }

    [Fact]
    public async Task So_is_one_whose_gRPC_calls_fail_in_their_trailers()
    {
        static Task<EchoServer> GrpcAsync(string status) => EchoServer.StartAsync("grpc", HttpProtocols.Http2, async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(new byte[5]);
            context.Response.AppendTrailer("grpc-status", status);
        });
        await using var good = await GrpcAsync("0");
        await using var bad = await GrpcAsync("14");
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend([good.EndPoint, bad.EndPoint], "grpc") + Rule("consecutiveGatewayErrors: 3, maxEjectionPercent: 50"));

        for (var i = 0; i < 20; i++)
        {
            using var call = new ByteArrayContent(new byte[5]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } };
            using var response = await mesh.Client.PostAsync("http://backend/test.Echo/Unary", call);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal((3, 17), (bad.Requests, good.Requests));
        Assert.True(mesh.IsEjected(bad.EndPoint));
    }

    [Fact]
    public async Task It_returns_after_its_time_which_grows()
    {
        await using var good = await EchoServer.StartAsync();
        await using var bad = await AnsweringAsync(500);
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend(good, bad) + Rule("consecutive5xxErrors: 2, interval: 5s, baseEjectionTime: 20s, maxEjectionPercent: 50"));

        for (var times = 1; times <= 3; times++)
        {
            Assert.Equal(2, await mesh.FailuresAsync(8));
            for (var passed = 5; passed < 20 * times; passed += 5)
            {
                mesh.Time.Advance(TimeSpan.FromSeconds(5));
                Assert.True(mesh.IsEjected(bad.EndPoint));
                Assert.Equal(0, await mesh.FailuresAsync(2));
            }

            mesh.Time.Advance(TimeSpan.FromSeconds(5));
            Assert.False(mesh.IsEjected(bad.EndPoint));
        }

        Assert.Equal(6, bad.Requests);
    }

    [Theory]
    [InlineData(34, 2)]
    [InlineData(33, 10)] // 100 · 1 / 3 is more than that, so it goes on
    public async Task Of_three_endpoints_one_may_be_ejected_from_34_percent_on(int percent, int requests)
    {
        await using var one = await EchoServer.StartAsync();
        await using var two = await EchoServer.StartAsync();
        await using var bad = await AnsweringAsync(500);
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend(one, two, bad) + Rule($"consecutive5xxErrors: 2, maxEjectionPercent: {percent}"));

        Assert.Equal(requests, await mesh.FailuresAsync(30));

        Assert.Equal(requests, bad.Requests);
        Assert.Equal(percent == 34, mesh.IsEjected(bad.EndPoint));
    }

    [Theory]
    [InlineData(false, 10)]
    [InlineData(true, 2)]
    public async Task The_process_may_say_that_one_may_always_be(bool always, int requests)
    {
        await using var good = await EchoServer.StartAsync();
        await using var bad = await AnsweringAsync(500);
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend(good, bad) + Rule("consecutive5xxErrors: 2"), new MeshOptions { OutlierDetection = { AlwaysEjectOne = always } });

        Assert.Equal(requests, await mesh.FailuresAsync(20));
    }

    [Theory]
    [InlineData("annotation")]
    [InlineData("mesh")]
    [InlineData("mesh, with a rule that says nothing of it")]
    public async Task A_Service_without_a_rule_may_be_told_by_its_annotation_or_by_the_mesh(string by)
    {
        const string Detection = "consecutive5xxErrors: 2, maxEjectionPercent: 50";
        await using var good = await EchoServer.StartAsync();
        await using var bad = await AnsweringAsync(500);
        var annotations = by == "annotation" ? $"{{meshsdk.io/outlier-detection: '{{{Detection}}}'}}" : "{}";
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend([good.EndPoint, bad.EndPoint], annotations: annotations)
            + (by == "annotation" ? "" : PolicyYaml.MeshConfig($"defaultTrafficPolicy: {{outlierDetection: {{{Detection}}}}}"))
            + (by.Contains("rule", StringComparison.Ordinal) ? PolicyYaml.Rule("loadBalancer: {simple: ROUND_ROBIN}") : ""));

        // Without a rule the order is a matter of chance: enough calls for both to have had theirs.
        Assert.Equal(2, await mesh.FailuresAsync(100));

        Assert.Equal((2, 98), (bad.Requests, good.Requests));
        Assert.True(mesh.IsEjected(bad.EndPoint));
    }

    [Theory]
    [InlineData(0, 4)] // nobody is left: 503 at once
    [InlineData(50, 10)] // in panic, everybody is as good as anybody
    public async Task Where_all_are_ejected_the_least_share_of_healthy_ones_decides(int minHealthPercent, int requests)
    {
        await using var one = await AnsweringAsync(500);
        await using var two = await AnsweringAsync(500);
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend(one, two) + Rule($"consecutive5xxErrors: 2, maxEjectionPercent: 100, minHealthPercent: {minHealthPercent}"));

        Assert.Equal(10, await mesh.FailuresAsync(10));

        Assert.Equal((requests, 2), (one.Requests + two.Requests, mesh.Ejected));
        using var response = await mesh.GetAsync();
        Assert.Equal(minHealthPercent == 0 ? "UH" : "-", response.GetMeshCall()!.Flags);
    }

    [Fact]
    public async Task An_overflow_is_no_mark_against_anybody()
    {
        await using var server = await HoldingServer.StartAsync();
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend(server.Server)
            + PolicyYaml.Rule("connectionPool: {http: {http2MaxRequests: 1}}, outlierDetection: {consecutive5xxErrors: 1, maxEjectionPercent: 100}"));
        var call = mesh.GetAsync();
        await server.HoldsAsync(1);

        Assert.Equal(5, await mesh.FailuresAsync(5));

        Assert.Equal(0, mesh.Ejected);
        server.Let();
        using var response = await call;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
