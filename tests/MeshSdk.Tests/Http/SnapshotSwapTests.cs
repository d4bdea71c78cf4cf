using System.Collections.Concurrent;
using System.Net;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.Http;

/// <summary>A change of configuration loses no request.</summary>
public sealed class SnapshotSwapTests
{
    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Endpoints_that_come_and_go_and_weights_that_change_fail_no_request(HttpProtocols protocols)
    {
        var protocol = protocols == HttpProtocols.Http2 ? ClusterProtocol.Http2 : ClusterProtocol.Http1;
        var servers = new List<EchoServer>();
        for (var i = 0; i < 4; i++)
        {
            servers.Add(await EchoServer.StartAsync($"{i}", protocols));
        }

        await using var mesh = await TestMesh.StartAsync(Version(0));
        using var client = mesh.CreateClient();
        using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var failures = new ConcurrentQueue<string>();
        var sent = 0;

        var callers = Enumerable.Range(0, 16).Select(_ => Task.Run(CallAsync)).ToArray();
        var swaps = 0;
        while (!stop.IsCancellationRequested && (Volatile.Read(ref sent) < 2_000 || swaps < 300 || servers.Exists(static s => s.Requests == 0)))
        {
            mesh.Publish(Version(++swaps));
            await Task.Delay(3);
        }

        Assert.False(stop.IsCancellationRequested, $"{sent} requests, {swaps} swaps");
        await stop.CancelAsync();
        await Task.WhenAll(callers);
        Assert.Empty(failures);
        foreach (var uri in new[] { "http://v1", "http://v2" })
        {
            await Eventually.IdleAsync(mesh, uri);
        }

        foreach (var server in servers)
        {
            await server.DisposeAsync();
        }

        async Task CallAsync()
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    using var response = await client.PostAsync("http://backend/", new StringContent("body"));
                    Interlocked.Increment(ref sent);
                    if (response.StatusCode != HttpStatusCode.OK)
                    {
                        failures.Enqueue(response.ReasonPhrase ?? "");
                    }
                }
                catch (HttpRequestException e)
                {
                    failures.Enqueue(e.ToString());
                }
            }
        }

        // Each version has two of three endpoints; v2 has one that stays, and is at times not routed to at all.
        ServiceModel[] Version(int n) =>
        [
            Snapshots.Service("backend").Routed(n % 3 == 0
                ? Snapshots.Rule(("v1", 1))
                : Snapshots.Rule(("v1", n % 100), ("v2", 100 - (n % 100)))),
            Snapshots.Service("v1", servers[n % 3].EndPoint, servers[(n + 1) % 3].EndPoint).Speaking(protocol),
            Snapshots.Service("v2", servers[3].EndPoint).Speaking(protocol),
        ];
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task A_stream_on_a_removed_endpoint_runs_to_its_end(HttpProtocols protocols)
    {
        var more = new SemaphoreSlim(0);
        await using var server = await EchoServer.StartAsync("old", protocols, async context =>
        {
            await context.Response.WriteAsync("begun,");
            await context.Response.Body.FlushAsync();
            await more.WaitAsync();
            await context.Response.WriteAsync("ended");
        });
        await using var next = await EchoServer.StartAsync("new", protocols);
        var protocol = protocols == HttpProtocols.Http2 ? ClusterProtocol.Http2 : ClusterProtocol.Http1;
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint).Speaking(protocol));
        using var client = mesh.CreateClient();
        using var response = await client.GetAsync("http://backend/", HttpCompletionOption.ResponseHeadersRead);
        var old = mesh.Endpoint();

        mesh.Publish(Snapshots.Service("backend", next.EndPoint).Speaking(protocol));

        Assert.True(old.IsRetired);
        Assert.Equal(1, old.ActiveRequests);
        Assert.Equal("new", (await Echo.ReadAsync(await client.GetAsync("http://backend/"))).Server);
        more.Release();
        Assert.Equal("begun,ended", await response.Content.ReadAsStringAsync());
        Assert.Equal(0, old.ActiveRequests);
    }

    [Fact]
    public async Task All_names_of_a_service_change_at_once()
    {
        await using var one = await EchoServer.StartAsync("one");
        await using var two = await EchoServer.StartAsync("two");
        var backend = Snapshots.Service("backend", one.EndPoint);
        await using var mesh = await TestMesh.StartAsync(backend, Snapshots.Service("other", two.EndPoint));
        using var client = mesh.CreateClient();

        mesh.Publish(backend.Routed(Snapshots.Rule(("other", 1))));

        foreach (var host in backend.Hosts)
        {
            Assert.Equal("two", (await Echo.ReadAsync(await client.GetAsync($"http://{host}/"))).Server);
        }
    }

    [Fact]
    public async Task A_service_that_is_removed_and_comes_back_serves_again()
    {
        await using var server = await EchoServer.StartAsync("one");
        var backend = Snapshots.Service("backend", server.EndPoint);
        var front = Snapshots.Service("front").Routed(Snapshots.Rule(("backend", 1)));
        await using var mesh = await TestMesh.StartAsync(front, backend);
        using var client = mesh.CreateClient();
        await Echo.ReadAsync(await client.GetAsync("http://front/"));

        mesh.Remove("backend");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("http://front/")).StatusCode);
        Assert.Null(mesh.Runtime.Engine.FindFrontend(new Uri("http://backend/")));

        mesh.Publish(backend);
        await Echo.ReadAsync(await client.GetAsync("http://front/"));
    }

    [Fact]
    public async Task A_changed_connect_timeout_holds_for_endpoints_that_are_in_use_already()
    {
        // The first connection is served and closed; after that nobody empties the queue, and the kernel drops further SYNs.
        using var listener = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, 0);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var address = (IPEndPoint)listener.LocalEndPoint!;
        var backend = Snapshots.Service("backend", address);
        await using var mesh = await TestMesh.StartAsync(backend);
        using var client = mesh.CreateClient();
        var first = client.GetAsync("http://backend/");
        using (var accepted = await listener.AcceptAsync())
        {
            await accepted.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
            await first;
        }

        mesh.Publish(backend.Clustered(static c => c with { ConnectTimeout = TimeSpan.FromMilliseconds(100) }));
        using var filler = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, 0);
        await filler.ConnectAsync(address);

        using var response = await client.GetAsync("http://backend/").WaitAsync(TimeSpan.FromSeconds(60));

        Assert.Contains("within 0.1 s", response.ReasonPhrase, StringComparison.Ordinal);
    }
}
