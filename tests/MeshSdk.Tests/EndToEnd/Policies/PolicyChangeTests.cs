using System.Net;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.EndToEnd.Policies;

/// <summary>A destination rule that is edited while requests are under way.</summary>
public sealed class PolicyChangeTests
{
    private const string Always = "outlierDetection: {consecutive5xxErrors: 2, maxEjectionPercent: 50}";

    private static readonly string[] Balancers =
    [
        ", loadBalancer: {simple: ROUND_ROBIN}",
        ", loadBalancer: {simple: ROUND_ROBIN, warmup: {duration: 60s}}",
        ", loadBalancer: {consistentHash: {httpHeaderName: x-user}}",
    ];

    private static readonly string[] Pools =
    [
        "",
        ", connectionPool: {tcp: {maxConnections: 2}}",
        ", connectionPool: {http: {http2MaxRequests: 1000, maxRequestsPerConnection: 3}}",
        ", connectionPool: {tcp: {maxConnections: 5, tcpKeepalive: {time: 60s}}, http: {maxRetries: 2}}",
        ", connectionPool: {http: {idleTimeout: 300s, http2MaxRequests: 500, maxConcurrentStreams: 2}}",
    ];

    [Theory]
    [InlineData("http", HttpProtocols.Http1)]
    [InlineData("http2", HttpProtocols.Http2)]
    public async Task No_request_fails_no_count_drifts_and_who_was_ejected_stays_so(string port, HttpProtocols protocols)
    {
        await using var one = await EchoServer.StartAsync("one", protocols);
        await using var two = await EchoServer.StartAsync("two", protocols);
        await using var bad = await EchoServer.StartAsync("bad", protocols, static context =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend([one.EndPoint, two.EndPoint, bad.EndPoint], port) + PolicyYaml.Rule(Always + Pools[0] + Balancers[0]));
        Assert.Equal(2, await mesh.FailuresAsync(12));
        Assert.True(mesh.IsEjected(bad.EndPoint));

        using var done = new CancellationTokenSource();
        var load = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                using var response = await mesh.Client.PostAsync("http://backend/", new StringContent("body"));
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            }
        })).ToArray();
        for (var i = 1; i <= 20; i++)
        {
            var served = one.Requests + two.Requests;
            await mesh.ApplyAsync(PolicyYaml.Rule(Always + Pools[i % Pools.Length] + Balancers[i % Balancers.Length]));
            await Eventually.HoldsAsync(() => one.Requests + two.Requests > served + 10 || load.Any(static l => l.IsCompleted), "requests go on");
            Assert.True(mesh.IsEjected(bad.EndPoint));
        }

        await done.CancelAsync();
        await Task.WhenAll(load);
        await mesh.IdleAsync();
        await Eventually.HoldsAsync(() => mesh.Cluster.Use, static use => use == default, "nothing counted, since there are no limits");
        Assert.Equal((2, 1), (bad.Requests, mesh.Ejected));
        mesh.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(0, mesh.Ejected); // its time ran on through all changes
    }
}
