using System.Net;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.EndToEnd.Policies;

/// <summary><c>http2MaxRequests</c>: the most requests at once, of either version.</summary>
public sealed class RequestLimitTests
{
    [Theory]
    [InlineData("http", HttpProtocols.Http1)]
    [InlineData("http2", HttpProtocols.Http2)]
    public async Task What_is_beyond_is_told_so_and_never_sent(string port, HttpProtocols protocols)
    {
        await using var server = await HoldingServer.StartAsync(protocols);
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend([server.EndPoint], port) + PolicyYaml.Rule("connectionPool: {http: {http2MaxRequests: 3}}"));
        var calls = Enumerable.Range(0, 3).Select(_ => mesh.GetAsync()).ToArray();
        await server.HoldsAsync(3);

        using var beyond = await mesh.GetAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, beyond.StatusCode);
        Assert.Equal("true", Assert.Single(beyond.Headers.GetValues("x-envoy-overloaded")));
        Assert.Equal(("UO", 0), (beyond.GetMeshCall()!.Flags, beyond.GetMeshCall()!.Attempts));
        server.Let();
        Assert.All(await Task.WhenAll(calls), static response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        await mesh.IdleAsync();
        Assert.Equal(3, server.Server.Requests);
    }

    [Fact]
    public async Task Of_many_at_once_the_servers_together_never_see_more_than_that()
    {
        await using var server = await HoldingServer.StartAsync();
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend(server.Server) + PolicyYaml.Rule("connectionPool: {http: {http2MaxRequests: 5}}"));
        var calls = Enumerable.Range(0, 200).Select(_ => mesh.GetAsync()).ToArray();
        await server.HoldsAsync(5);
        server.Let();

        var responses = await Task.WhenAll(calls);

        var served = responses.Count(static r => r.StatusCode == HttpStatusCode.OK);
        Assert.All(responses, static r => Assert.Equal(r.StatusCode == HttpStatusCode.OK ? "-" : "UO", r.GetMeshCall()!.Flags));
        Assert.Equal((5, served), (server.HighWater, server.Server.Requests));
        await mesh.IdleAsync();
    }

    [Fact]
    public async Task Settings_of_a_port_replace_those_of_the_host_whole()
    {
        await using var server = await HoldingServer.StartAsync();
        const string Limit = "connectionPool: {http: {http2MaxRequests: 1}}";
        await using var mesh = await PolicyMesh.StartAsync(
            PolicyYaml.Backend(server.Server) + PolicyYaml.Rule($"{Limit}, portLevelSettings: [{{port: {{number: 80}}, loadBalancer: {{simple: RANDOM}}}}]"));
        Task<HttpResponseMessage>[] calls = [mesh.GetAsync(), mesh.GetAsync()];
        await server.HoldsAsync(2); // the limit is gone, although the port says nothing of it
        server.Let(2);
        await Task.WhenAll(calls);

        // Those of another port change nothing.
        await mesh.ApplyAsync(PolicyYaml.Rule($"{Limit}, portLevelSettings: [{{port: {{number: 81}}, loadBalancer: {{simple: RANDOM}}}}]"));
        var call = mesh.GetAsync();
        await server.HoldsAsync(1);
        using var beyond = await mesh.GetAsync();

        Assert.Equal("UO", beyond.GetMeshCall()!.Flags);
        server.Let();
        using var response = await call;
    }
}
