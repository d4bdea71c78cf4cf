using System.Net;
using System.Runtime.CompilerServices;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Time.Testing;
using HttpProtocol = MeshSdk.Transport.HttpProtocol;

namespace MeshSdk.Tests.Transport;

public sealed class EndpointStateTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingTransport _transport = new();

    private EndpointState Create(RecordingTransport? transport = null) => new(
        Snapshots.Cluster("backend"),
        Snapshots.Endpoint("10.0.0.1"),
        new TransportSettings { Time = _time, Factory = transport ?? _transport, DrainTimeout = TimeSpan.FromMinutes(5) });

    private RecordingHandler Handler => Assert.Single(_transport.Handlers);

    private static void Connect(EndpointState endpoint) => endpoint.Connections(HttpProtocol.Http1, TransportProfile.Default);

    [Fact]
    public void Handlers_are_made_at_first_use_one_for_each_protocol_and_profile()
    {
        using var endpoint = Create();
        Assert.Empty(_transport.Handlers);
        var profile = new TransportProfile { MaxConnectionsPerServer = 3 };

        for (var i = 0; i < 2; i++)
        {
            Connect(endpoint);
            endpoint.Connections(HttpProtocol.Http2, TransportProfile.Default);
            endpoint.Connections(HttpProtocol.Http1, (profile with { }).Interned()); // as two clients ask for it
        }

        Assert.Equal(["1.1", "2.0", "1.1"], _transport.Handlers.Select(static h => h.Context.HttpVersion.ToString()));
        Assert.All(_transport.Handlers, static h => Assert.Equal("test/backend:80 10.0.0.1:80", $"{h.Context.Backend} {h.Context.EndPoint}"));
    }

    [Fact]
    public async Task Handlers_of_a_client_that_is_gone_are_disposed()
    {
        using var endpoint = Create();
        ConnectAndForget(endpoint, HttpProtocol.Http1, HttpProtocol.Http2);
        Connect(endpoint);

        await Collected.True(() => _transport.Handlers.Take(2).All(static h => h.Disposals == 1), "handlers of a forgotten profile are disposed");

        Assert.Equal([1, 1, 0], _transport.Handlers.Select(static h => h.Disposals));
    }

    [Theory]
    [InlineData(nameof(HttpProtocol.Http1))]
    [InlineData(nameof(HttpProtocol.Http2))]
    public async Task Connections_of_a_client_that_is_gone_close(string name)
    {
        var protocol = Enum.Parse<ClusterProtocol>(name);
        await using var server = await EchoServer.StartAsync(protocols: Enum.Parse<HttpProtocols>(name));
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint).Speaking(protocol));
        for (var i = 0; i < 3; i++)
        {
            await CallOnceAsync(mesh);
        }

        Assert.Equal(3, server.Connections);
        await Collected.True(() => server.OpenConnections == 0, "connections of forgotten clients are closed");
    }

    [Theory]
    [InlineData(nameof(HttpProtocol.Http1))]
    [InlineData(nameof(HttpProtocol.Http2))]
    public async Task A_response_that_outlives_its_client_is_read_to_its_end(string name)
    {
        var rest = new TaskCompletionSource();
        await using var server = await EchoServer.StartAsync("slow", Enum.Parse<HttpProtocols>(name), async context =>
        {
            await context.Response.WriteAsync("first ");
            await rest.Task;
            await context.Response.WriteAsync("rest");
        });
        await using var mesh = await TestMesh.StartAsync(
            Snapshots.Service("backend", server.EndPoint).Speaking(Enum.Parse<ClusterProtocol>(name)));
        using var response = await CallOnceAsync(mesh);
        for (var i = 0; i < 5; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        rest.SetResult();

        Assert.Equal("first rest", await response.Content.ReadAsStringAsync());
        await Collected.True(() => server.OpenConnections == 0, "connections of forgotten clients are closed");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ConnectAndForget(EndpointState endpoint, params HttpProtocol[] protocols)
    {
        var profile = new TransportProfile { Credentials = new NetworkCredential("user", "secret") }.Interned();
        foreach (var protocol in protocols)
        {
            endpoint.Connections(protocol, profile);
        }
    }

    // The client is not disposed of, as those of a factory are not.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task<HttpResponseMessage> CallOnceAsync(TestMesh mesh) =>
        mesh.CreateClient(new SocketsHttpHandler { Credentials = new NetworkCredential("user", "secret") })
            .GetAsync("http://backend/", HttpCompletionOption.ResponseHeadersRead);

    [Fact]
    public async Task While_a_handler_is_made_only_those_who_need_it_wait()
    {
        var (making, made) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        var profile = new TransportProfile { MaxConnectionsPerServer = 7 };
        using var endpoint = Create();
        endpoint.Connections(HttpProtocol.Http1, profile);
        _transport.BeforeCreate = () =>
        {
            making.TrySetResult();
            made.Task.Wait(TimeSpan.FromSeconds(60));
        };
        var slow = Task.Run(() => endpoint.Connections(HttpProtocol.Http1, TransportProfile.Default));
        await making.Task;
        var same = Task.Run(() => endpoint.Connections(HttpProtocol.Http1, TransportProfile.Default));

        endpoint.Connections(HttpProtocol.Http1, profile);
        Assert.False(slow.IsCompleted || same.IsCompleted);
        made.SetResult();

        Assert.Same(await slow, await same);
        Assert.Equal(2, _transport.Handlers.Count);
    }

    [Fact]
    public async Task A_handler_that_is_made_while_the_endpoint_closes_is_disposed()
    {
        var (making, made) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        var endpoint = Create();
        _transport.BeforeCreate = () =>
        {
            making.SetResult();
            made.Task.Wait(TimeSpan.FromSeconds(60));
        };
        var late = Task.Run(() => endpoint.Connections(HttpProtocol.Http1, TransportProfile.Default));
        await making.Task;

        endpoint.Dispose();
        made.SetResult();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => late);
        Assert.Equal(1, Handler.Disposals);
    }

    [Fact]
    public void One_that_takes_the_place_of_another_knows_what_that_has_learned()
    {
        using var endpoint = Create();
        var outcomes = new NoOutcomes();
        (endpoint.IsEjected, endpoint.Outcomes) = (true, outcomes);
        _time.Advance(TimeSpan.FromMinutes(1));

        using var successor = endpoint.Successor(
            Snapshots.Endpoint("10.0.0.1"), new ConnectionPlan(new ConnectionSettings { ProxyProtocol = ProxyProtocol.V1 }));

        Assert.Equal((endpoint.JoinedAt, true, outcomes), (successor.JoinedAt, successor.IsEjected, successor.Outcomes));
        Assert.Equal((true, false), (endpoint.IsReplaced, successor.IsReplaced));
    }

    private sealed class NoOutcomes : IOutcomeSink
    {
        public void Record(AttemptOutcome outcome)
        {
        }

        public bool IsError(int status) => false;
    }

    [Fact]
    public void An_idle_endpoint_closes_when_it_retires()
    {
        var endpoint = Create();
        Connect(endpoint);

        endpoint.Retire();

        Assert.Equal(1, Handler.Disposals);
        Assert.False(endpoint.TryAcquire());
        Assert.Equal(0, endpoint.ActiveRequests);
    }

    [Fact]
    public void A_busy_endpoint_closes_when_the_last_request_has_left_and_only_once()
    {
        var endpoint = Create();
        Assert.True(endpoint.TryAcquire());
        Assert.True(endpoint.TryAcquire());
        Connect(endpoint);

        endpoint.Retire();
        Assert.False(endpoint.TryAcquire());
        Assert.Equal(0, Handler.Disposals);
        endpoint.Release();
        Assert.Equal(0, Handler.Disposals);
        endpoint.Release();

        Assert.Equal(1, Handler.Disposals);
        Assert.False(endpoint.TryAcquire());
        _time.Advance(TimeSpan.FromHours(1));
        endpoint.Dispose();
        Assert.Equal(1, Handler.Disposals);
    }

    [Fact]
    public void A_request_that_never_ends_is_left_alone_until_the_drain_timeout()
    {
        var endpoint = Create();
        Assert.True(endpoint.TryAcquire());
        Connect(endpoint);
        endpoint.Retire();

        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        Assert.Equal(0, Handler.Disposals);
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(1, Handler.Disposals);

        Assert.Throws<ObjectDisposedException>(() => endpoint.Connections(HttpProtocol.Http2, TransportProfile.Default));
        endpoint.Release();
        Assert.Equal((1, 0), (Handler.Disposals, endpoint.ActiveRequests));
    }

    [Fact]
    public async Task A_factory_that_throws_costs_no_lease_and_leaves_the_message_alone()
    {
        _transport.Failure = new InvalidOperationException("no such transport");
        await using var mesh = await TestMesh.StartAsync(
            new MeshOptions { TransportFactory = _transport }, Snapshots.Service("backend", new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 1)));
        using var client = mesh.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend.test/");
        var before = MessageSnapshot.Of(request);

        Assert.Same(_transport.Failure, await Assert.ThrowsAsync<InvalidOperationException>(() => client.SendAsync(request)));

        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
        Assert.Equal(before, MessageSnapshot.Of(request));
    }

    [Fact]
    public async Task Under_concurrent_use_and_retirement_nothing_is_used_after_it_closed_closed_twice_or_left_open()
    {
        for (var round = 0; round < 100; round++)
        {
            var transport = new RecordingTransport();
            var endpoint = Create(transport);
            using var start = new Barrier(3);
            var users = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
            {
                start.SignalAndWait();
                while (endpoint.TryAcquire())
                {
                    Connect(endpoint);
                    Assert.True(transport.Handlers.TryPeek(out var handler));
                    handler.Touch();
                    Thread.SpinWait(20);
                    handler.Touch();
                    endpoint.Release();
                }
            })).ToArray();

            start.SignalAndWait();
            Thread.SpinWait(round * 50);
            endpoint.Retire();
            await Task.WhenAll(users);

            Assert.Equal(0, endpoint.ActiveRequests);
            Assert.All(transport.Handlers, static h => Assert.Equal((1, 0), (h.Disposals, h.UsedAfterDisposal)));
            Assert.InRange(transport.Handlers.Count, 0, 1);
        }
    }
}
