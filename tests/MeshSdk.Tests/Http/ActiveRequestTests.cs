using System.Net;
using System.Runtime.CompilerServices;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.Http;

/// <summary>When a request counts as over.</summary>
public sealed class ActiveRequestTests
{
    private static async Task<(EchoServer, TestMesh)> StartAsync(HttpProtocols protocols, RequestDelegate handle)
    {
        var server = await EchoServer.StartAsync("one", protocols, handle);
        var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint)
            .Speaking(protocols == HttpProtocols.Http2 ? ClusterProtocol.Http2 : ClusterProtocol.Auto));
        return (server, mesh);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task A_streamed_response_counts_until_its_end(HttpProtocols protocols)
    {
        var more = new SemaphoreSlim(0);
        var (server, mesh) = await StartAsync(protocols, async context =>
        {
            for (var i = 0; i < 3; i++)
            {
                await context.Response.WriteAsync($"{i}");
                await context.Response.Body.FlushAsync();
                await more.WaitAsync();
            }
        });
        await using (server)
        await using (mesh)
        {
            using var client = mesh.CreateClient();
            var response = await client.GetAsync("http://backend/", HttpCompletionOption.ResponseHeadersRead);
            var body = await response.Content.ReadAsStreamAsync();
            var buffer = new byte[10];
            for (var i = 0; i < 3; i++)
            {
                Assert.Equal(1, await body.ReadAsync(buffer));
                Assert.Equal('0' + i, buffer[0]);
                Assert.Equal(1, mesh.Endpoint().ActiveRequests);
                more.Release();
            }

            Assert.Equal(0, await body.ReadAsync(buffer));
            Assert.Equal(0, mesh.Endpoint().ActiveRequests);
        }
    }

    public static TheoryData<string, int, string> WithoutBody => new()
    {
        { "HEAD", 200, "5" }, { "GET", 204, "" }, { "GET", 304, "" }, { "GET", 200, "0" },
    };

    [Theory]
    [MemberData(nameof(WithoutBody))]
    public async Task A_response_without_a_body_is_over_at_its_headers(string method, int status, string length)
    {
        await using var server = RawServer.Start(async connection =>
        {
            while (await connection.ReadHeadAsync() is not null)
            {
                await connection.WriteAsync($"HTTP/1.1 {status} X\r\n{(length == "" ? "" : $"Content-Length: {length}\r\n")}\r\n");
            }
        });
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var invoker = new HttpMessageInvoker(mesh.CreateHandler());
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), "http://backend/");

            var response = await invoker.SendAsync(request, CancellationToken.None); // neither read nor disposed of

            Assert.Equal(status, (int)response.StatusCode);
            Assert.Equal(length == "" ? null : length, response.Content.Headers.ContentLength?.ToString());
            Assert.Equal(0, mesh.Endpoint().ActiveRequests);
        }

        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task Disposing_of_a_response_ends_it()
    {
        var (server, mesh) = await StartAsync(HttpProtocols.Http1, static async context =>
        {
            await context.Response.WriteAsync("begun");
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using (server)
        await using (mesh)
        {
            using var client = mesh.CreateClient();
            var response = await client.GetAsync("http://backend/", HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(1, mesh.Endpoint().ActiveRequests);

            response.Dispose();

            Assert.Equal(0, mesh.Endpoint().ActiveRequests);
        }
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task An_abandoned_response_gives_its_count_back_when_it_is_collected(HttpProtocols protocols)
    {
        var (server, mesh) = await StartAsync(protocols, static async context =>
        {
            await context.Response.WriteAsync("begun");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using (server)
        await using (mesh)
        {
            using var client = mesh.CreateClient();
            for (var i = 0; i < 5; i++)
            {
                await AbandonAsync(client);
            }

            Assert.NotEqual(0, mesh.Endpoint().ActiveRequests);
            await Eventually.HoldsAsync(
                () =>
                {
                    GC.Collect();
                    GC.WaitForPendingFinalizers();
                    return mesh.Endpoint().ActiveRequests == 0;
                },
                "the counts come back");
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        static async Task AbandonAsync(HttpClient client)
        {
            var response = await client.GetAsync("http://backend/", HttpCompletionOption.ResponseHeadersRead);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_stream_in_use_is_not_taken_for_abandoned()
    {
        var go = new SemaphoreSlim(0);
        var (server, mesh) = await StartAsync(HttpProtocols.Http1, async context =>
        {
            await context.Response.Body.FlushAsync();
            await go.WaitAsync();
            await context.Response.WriteAsync("late");
        });
        await using (server)
        await using (mesh)
        {
            using var client = mesh.CreateClient();
            var body = await client.GetStreamAsync("http://backend/");
            GC.Collect();
            GC.WaitForPendingFinalizers();

            Assert.Equal(1, mesh.Endpoint().ActiveRequests);
            go.Release();
            Assert.Equal("late", await new StreamReader(body).ReadToEndAsync());
            Assert.Equal(0, mesh.Endpoint().ActiveRequests);
        }
    }
}
