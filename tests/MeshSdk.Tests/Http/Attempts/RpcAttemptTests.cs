using System.Globalization;
using System.Net;
using MeshSdk.Http.Bodies;
using MeshSdk.Http.Rpc;
using MeshSdk.Model;
using MeshSdk.Routing;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Http.Attempts;

/// <summary>What one attempt of a gRPC call costs those that follow and those of others: endpoints, limits, budgets, the body.</summary>
public sealed class RpcAttemptTests
{
    private const int Ok = 0;
    private const int Unavailable = 14;

    private static Task<HttpResponseMessage> Reply(int status)
    {
        var reply = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([]), Version = HttpVersion.Version20 };
        reply.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        reply.Headers.TryAddWithoutValidation("grpc-status", status.ToString(CultureInfo.InvariantCulture));
        return Task.FromResult(reply);
    }

    private static HttpRequestMessage Call(bool isToWait = false, HttpContent? content = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/test.Echo/Unary")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content ?? new ByteArrayContent("body"u8.ToArray()),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        if (isToWait)
        {
            request.Options.Set(WaitForReady.Key, true);
        }

        return request;
    }

    // Attempts of a channel: the first is answered by one endpoint, the second cannot reach another one.
    [Theory]
    [InlineData(false, 3)]
    [InlineData(false, 2)]
    [InlineData(true, 3)]
    [InlineData(true, 2)]
    public async Task An_attempt_that_goes_elsewhere_avoids_endpoints_of_other_attempts_while_there_are_others(bool isRuled, int endpoints)
    {
        var number = 0;
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(isRuled ? RuledMesh.Timeouts(3_600_000) : null),
            (_, _) => Interlocked.Increment(ref number) switch { 1 => Reply(Unavailable), 2 => throw ScriptedTransport.Refused(), _ => Reply(Ok) },
            static c => c with { LoadBalancer = LoadBalancerKind.Random }, endpoints);
        for (var i = 0; i < 20; i++)
        {
            number = 0;
            var rpc = new RpcCall { IsRetried = true };
            for (var attempt = 0; attempt < 2; attempt++)
            {
                Task<HttpResponseMessage> call;
                using (rpc.Enter())
                {
                    call = mesh.Client.SendAsync(Call());
                }

                using var response = await call;
                Assert.Equal(attempt == 0 ? Unavailable : Ok, GrpcCall.StatusOf(response));
            }

            Assert.Equal(3, number);
            Assert.Equal(endpoints, mesh.Network.Log.TakeLast(3).Select(static sent => sent.Address).Distinct().Count());
        }
    }

    [Fact]
    public async Task To_look_for_another_endpoint_in_vain_is_no_request_that_a_budget_counts()
    {
        // One retry is more than 40 % of one request and itself, and less than that of two.
        var hour = TimeSpan.FromHours(1);
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: RuledMesh.Retry(1)), static (_, _) => throw ScriptedTransport.Refused(), 1, new RetryBudget(40, hour, 0, hour));

        using var response = await mesh.PassAsync(mesh.Client.SendAsync(Call()));

        Assert.Equal((1, "UO"), (mesh.Network.Sends, response.GetMeshCall()!.Flags));
    }

    [Fact]
    public async Task A_call_that_waits_for_endpoints_is_no_retry_under_way()
    {
        RuledMesh? mesh = null;
        ServiceModel? service = null;
        await using var started = mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(retry: RuledMesh.Retry(1, 503)),
            (sent, _) =>
            {
                if (sent.Number == 1)
                {
                    // Its rule stays in force.
                    mesh!.Mesh.Publish(service!.Clustered(static c => c with { Endpoints = [] }));
                }

                return Reply(sent.Number == 1 ? Unavailable : Ok);
            },
            static c => c with { Limits = new ConnectionLimits { MaxRetries = 1 } });
        service = mesh.Mesh.Runtime.Snapshot.Services.Values.Single();
        var cluster = mesh.Mesh.Cluster();
        var call = mesh.Client.SendAsync(Call(isToWait: true));
        await mesh.SentAsync(1);

        // It is one until it has waited out the backoff, which the clock of the test holds up.
        await Eventually.HoldsAsync(() => cluster.Use.Retries == 1);
        await mesh.PassUntilAsync(() => cluster.Use.Retries == 0);
        Assert.False(call.IsCompleted);

        mesh.Mesh.Publish(service);
        using var response = await mesh.PassAsync(call);
        Assert.Equal((2, Ok, 0), (mesh.Network.Sends, GrpcCall.StatusOf(response), cluster.Use.Retries));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_cannot_be_made_is_an_attempt_where_connections_are_counted_too(bool isLimited)
    {
        using var dead = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        dead.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // and does not listen
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", (IPEndPoint)dead.LocalEndPoint!)
            .Speaking(ClusterProtocol.Http2)
            .Clustered(c => c with { Limits = isLimited ? new ConnectionLimits { MaxConnections = 1 } : ConnectionLimits.None })
            .Routed(RuledMesh.Rule(RuledMesh.Timeouts(60_000))));
        using var client = mesh.CreateClient(options: new MeshClientOptions { RecordCalls = true });

        using var response = await client.SendAsync(Call());

        Assert.Equal(("UF", 1), (response.GetMeshCall()!.Flags, response.GetMeshCall()!.Attempts));
        await Eventually.IdleAsync(mesh);
    }

    [Fact]
    public async Task What_the_caller_writes_when_a_retry_was_decided_on_costs_nothing_of_it()
    {
        await using var content = new OpenContent();
        using var received = new MemoryStream();
        var network = new BrokenAtFirst(received);
        await using var mesh = await TestMesh.StartAsync(
            new MeshOptions { TransportFactory = network },
            Snapshots.Service("backend", new IPEndPoint(new IPAddress([10, 0, 0, 1]), 80)).Routed(RuledMesh.Rule(retry: RuledMesh.Retry(1, 503))));
        var much = new byte[2 * KeptTotal.MostOfOne];
        mesh.Endpoint().Outcomes = new WhenCharged(() => content.Finish(much));
        using var client = mesh.CreateClient();
        using var request = Call(content: content.Content);

        using var response = await client.SendAsync(request);

        Assert.Equal((2, Ok), (network.Sends, GrpcCall.StatusOf(response)));
        Assert.Equal(1 + much.Length, received.Length);
        Assert.Equal(0, mesh.Runtime.Engine.Attempts.Kept.Bytes);
    }

    /// <summary>A body of one byte, to which the test adds the rest.</summary>
    private sealed class OpenContent : IAsyncDisposable
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Stream? _stream;
        private Task? _rest;

        public OpenContent() => Content = new Inner(this);

        public HttpContent Content { get; }

        // It is kept, or not, when this returns.
        public void Finish(byte[] rest)
        {
            if (_rest is null)
            {
                var writing = _rest = _stream!.WriteAsync(rest, 0, rest.Length);
                _ = writing.ContinueWith(
                    _ => writing.Exception is { } error ? _done.TrySetException(error) : _done.TrySetResult(), TaskScheduler.Default);
            }
        }

        public ValueTask DisposeAsync()
        {
            _done.TrySetResult();
            return default;
        }

        private sealed class Inner(OpenContent open) : HttpContent
        {
            protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
            {
                open._stream = stream;
                await stream.WriteAsync("a"u8.ToArray());
                await open._done.Task;
            }

            protected override bool TryComputeLength(out long length)
            {
                length = 0;
                return false;
            }
        }
    }

    private sealed class WhenCharged(Action act) : IOutcomeSink
    {
        public void Record(AttemptOutcome outcome) => act();

        public bool IsError(int status) => status >= 500;
    }

    /// <summary>The stream of the first request breaks, and then the server says that it is not available.</summary>
    private sealed class BrokenAtFirst(MemoryStream received) : IMeshTransportFactory
    {
        private int _sends;

        public int Sends => Volatile.Read(ref _sends);

        public HttpMessageHandler Create(MeshTransportContext context) => new Handler(this, received);

        private sealed class Handler(BrokenAtFirst network, MemoryStream received) : HttpMessageHandler
        {
            protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                if (Interlocked.Increment(ref network._sends) == 1)
                {
                    await Assert.ThrowsAnyAsync<Exception>(() => request.Content!.CopyToAsync(new MemoryStream([], writable: false), cancellationToken));
                    return await Reply(Unavailable);
                }

                await request.Content!.CopyToAsync(received, cancellationToken);
                return await Reply(Ok);
            }
        }
    }
}
