using System.Net;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.Http.Attempts;

/// <summary>Retries over real connections, where what a failure looks like is the HTTP stack's to say.</summary>
public sealed class RetrySocketTests
{
    private static readonly MeshClientOptions Recording = new() { RecordCalls = true };

    private static Task<TestMesh> StartAsync(RouteRule rule, ClusterProtocol protocol, params IPEndPoint[] endpoints) =>
        TestMesh.StartAsync(Snapshots.Service("backend", endpoints).Speaking(protocol).Routed(Snapshots.Table(rule)));

    public static TheoryData<bool, int, int, string> Failures => new()
    {
        { true, 2, 200, "-" }, { false, 2, 200, "-" }, { true, 9, 503, "UC,URX" }, { false, 9, 503, "UC,URX" },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Connections_that_end_before_the_answer_are_tried_again(bool reset, int failures, int status, string flags)
    {
        var heads = 0;
        await using var server = RawServer.Start(async connection =>
        {
            while (await connection.ReadHeadAsync() is not null)
            {
                await connection.ReadBytesAsync(4);
                if (Interlocked.Increment(ref heads) > failures)
                {
                    await connection.OkAsync();
                    continue;
                }

                if (reset)
                {
                    connection.Reset();
                }

                return;
            }
        });
        await using var mesh = await StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(60_000), RuledMesh.Retry(3)), ClusterProtocol.Http1, server.EndPoint);
        using var client = mesh.CreateClient(options: Recording);

        using var response = await client.PostAsync("http://backend/", new StringContent("body"));

        var call = response.GetMeshCall()!;
        Assert.Equal((status, flags), ((int)response.StatusCode, call.Flags));
        Assert.Equal(Math.Min(failures + 1, 4), call.Attempts);
        Assert.Equal(server.Requests, call.Attempts);
        await Eventually.IdleAsync(mesh);
    }

    [Fact]
    public async Task A_refused_connection_is_tried_again_elsewhere()
    {
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await StartAsync(RuledMesh.Rule(retry: RuledMesh.Retry(1)), ClusterProtocol.Http1, Unused(), server.EndPoint);
        using var client = mesh.CreateClient(options: Recording);
        var attempts = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            using var response = await client.GetAsync("http://backend/");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            attempts.Add(response.GetMeshCall()!.Attempts);
        }

        Assert.Contains(2, attempts);
        await Eventually.IdleAsync(mesh);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task The_answers_of_losing_tries_leave_the_connection_usable(HttpProtocols protocol)
    {
        var cluster = protocol == HttpProtocols.Http1 ? ClusterProtocol.Http1 : ClusterProtocol.Http2;
        var requests = 0;
        await using var server = await EchoServer.StartAsync("one", protocol, async context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref requests) % 3 == 0 ? 200 : 503;
            await context.Response.WriteAsync("some text that nobody reads");
        });
        await using var mesh = await StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(60_000, 50_000), RuledMesh.Retry(2, 503)), cluster, server.EndPoint);
        using var client = mesh.CreateClient(options: Recording);
        for (var i = 0; i < 10; i++)
        {
            using var response = await client.GetAsync("http://backend/");
            Assert.Equal((HttpStatusCode.OK, 3), (response.StatusCode, response.GetMeshCall()!.Attempts));
        }

        // A drain may still be under way when the next try asks for a connection, but not ten times.
        Assert.InRange(server.Connections, 1, 15);
        Assert.Equal(30, server.Requests);
        await Eventually.IdleAsync(mesh);
    }

    [Fact]
    public async Task Nothing_is_sent_again_once_the_headers_have_come()
    {
        await using var server = RawServer.Start(static async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
            connection.Reset();
        });
        await using var mesh = await StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(60_000), RuledMesh.Retry(3, 500)), ClusterProtocol.Http1, server.EndPoint);
        using var client = mesh.CreateClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("http://backend/"));
        Assert.Equal(1, server.Requests);
        await Eventually.IdleAsync(mesh);
    }

    // Where nobody listens, and which nobody is given either.
    private static IPEndPoint Unused() => new(IPAddress.Loopback, 1);
}
