using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.Http;

public sealed class CancellationTests
{
    private static readonly RequestDelegate Never = static context => Task.Delay(Timeout.Infinite, context.RequestAborted);

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
    public async Task A_cancelled_call_throws_what_HttpClient_throws_and_leaves_nothing_behind(HttpProtocols protocols)
    {
        var (server, mesh) = await StartAsync(protocols, Never);
        await using (server)
        await using (mesh)
        {
            using var client = mesh.CreateClient();
            using var cancel = new CancellationTokenSource();
            var sending = client.GetAsync("http://backend/", cancel.Token);
            await Eventually.HoldsAsync(() => server.Requests == 1, "the request arrives");
            Assert.Equal(1, mesh.Endpoint().ActiveRequests);

            await cancel.CancelAsync();

            var error = await Assert.ThrowsAsync<TaskCanceledException>(() => sending);
            Assert.Equal(cancel.Token, error.CancellationToken);
            Assert.Equal(0, mesh.Endpoint().ActiveRequests);
        }
    }

    [Fact]
    public async Task A_call_that_was_cancelled_before_it_began_is_not_sent()
    {
        var (server, mesh) = await StartAsync(HttpProtocols.Http1, Never);
        await using (server)
        await using (mesh)
        {
            using var client = mesh.CreateClient();

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetAsync("http://backend/", new CancellationToken(canceled: true)));

            Assert.Equal((0, 0), (server.Requests, mesh.Endpoint().ActiveRequests));
        }
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task HttpClients_own_timeout_stays_what_it_is(HttpProtocols protocols)
    {
        var (server, mesh) = await StartAsync(protocols, Never);
        await using (server)
        await using (mesh)
        {
            using var client = mesh.CreateClient();
            client.Timeout = TimeSpan.FromMilliseconds(100);

            var error = await Assert.ThrowsAsync<TaskCanceledException>(() => client.GetAsync("http://backend/"));

            Assert.IsType<TimeoutException>(error.InnerException);
            Assert.Equal(0, mesh.Endpoint().ActiveRequests);
        }
    }

    [Theory]
    [InlineData(HttpProtocols.Http1, 0)] // the connection goes with the read
    [InlineData(HttpProtocols.Http2, 1)]
    public async Task A_cancelled_read_ends_the_request_where_nothing_can_be_read_after_it(HttpProtocols protocols, int active)
    {
        var more = new SemaphoreSlim(0);
        var (server, mesh) = await StartAsync(protocols, async context =>
        {
            await context.Response.WriteAsync("begun");
            await context.Response.Body.FlushAsync();
            await more.WaitAsync();
            await context.Response.WriteAsync("ended");
        });
        await using (server)
        await using (mesh)
        {
            using var client = mesh.CreateClient();
            using var response = await client.GetAsync("http://backend/", HttpCompletionOption.ResponseHeadersRead);
            var body = await response.Content.ReadAsStreamAsync();
            var buffer = new byte[100];
            Assert.Equal(5, await body.ReadAsync(buffer));
            Assert.Equal(1, mesh.Endpoint().ActiveRequests);
            using var cancel = new CancellationTokenSource();

            var reading = body.ReadAsync(buffer, cancel.Token).AsTask();
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);

            Assert.Equal(active, mesh.Endpoint().ActiveRequests);
            more.Release();
            if (active == 1)
            {
                Assert.Equal(5, await body.ReadAsync(buffer));
                Assert.Equal(0, await body.ReadAsync(buffer));
            }

            Assert.Equal(0, mesh.Endpoint().ActiveRequests);
        }
    }

    [Theory]
    [InlineData(HttpProtocols.Http1, true)]
    [InlineData(HttpProtocols.Http2, true)]
    [InlineData(HttpProtocols.Http1, false)]
    [InlineData(HttpProtocols.Http2, false)]
    public async Task A_body_that_is_cancelled_and_disposed_of_leaves_nothing_behind(HttpProtocols protocols, bool buffered)
    {
        var (server, mesh) = await StartAsync(protocols, static async context =>
        {
            await context.Response.WriteAsync("begun");
            await context.Response.Body.FlushAsync();
            await Never(context);
        });
        await using (server)
        await using (mesh)
        {
            using var client = mesh.CreateClient();
            using var cancel = new CancellationTokenSource(100);

            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            {
                using var response = await client.GetAsync(
                    "http://backend/", buffered ? HttpCompletionOption.ResponseContentRead : HttpCompletionOption.ResponseHeadersRead, cancel.Token);
                await response.Content.CopyToAsync(Stream.Null, cancel.Token);
            });

            Assert.Equal(0, mesh.Endpoint().ActiveRequests);
        }
    }
}
