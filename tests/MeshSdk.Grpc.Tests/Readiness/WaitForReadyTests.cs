using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Protos;

namespace MeshSdk.Grpc.Tests.Readiness;

/// <summary>Calls that wait until they can be sent.</summary>
public sealed class WaitForReadyTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly InMemorySource _source = new();
    private Mesh? _mesh;
    private MeshCallInvoker? _invoker;

    private async Task<Echo.EchoClient> StartAsync(string manifests, string service = "backend")
    {
        _source.Apply(manifests);
        _mesh = await Mesh.StartAsync(new MeshOptions { InMemory = _source });
        _invoker = _mesh.CreateCallInvoker(service);
        return new Echo.EchoClient(_invoker);
    }

    public async ValueTask DisposeAsync()
    {
        _invoker?.Dispose();
        if (_mesh is not null)
        {
            await _mesh.DisposeAsync();
        }
    }

    private static CallOptions Ready(TimeSpan? deadline = null) =>
        new CallOptions(deadline: DateTime.UtcNow + (deadline ?? Patience)).WithWaitForReady();

    // It has found nobody to send to, and would see whatever comes from now on.
    private async Task ParkedAsync(Task call, string service = "backend")
    {
        var frontend = _mesh!.Runtime.Engine.FindFrontend(new Uri($"http://{service}"))!;
        await Eventually.HoldsAsync(() => frontend.Changed.IsAwaited || call.IsCompleted, "the call waits");
        Assert.False(call.IsCompleted);
    }

    private static IPEndPoint Dead()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_waits_until_there_is_an_endpoint(bool isRuled)
    {
        await using var server = await EchoServer.StartAsync("one");
        var route = isRuled
            ? Manifests.GrpcRoute("backend", """
                  - backendRefs: [{ name: backend, port: 80 }]
                    filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: x-a, value: b }] } }]
              """)
            : "";
        var client = await StartAsync(Manifests.Service("backend", Array.Empty<EchoServer>()) + route);
        var call = client.UnaryAsync(new EchoRequest(), Ready()).ResponseAsync;
        await ParkedAsync(call);

        _source.Apply(Manifests.Service("backend", server));

        Assert.Equal("one", (await call.WaitAsync(Patience)).Server);
        Assert.Single(server.Calls);
    }

    [Fact]
    public async Task A_call_waits_where_no_endpoint_can_be_reached_and_goes_on_when_another_comes()
    {
        await using var server = await EchoServer.StartAsync("one");
        var client = await StartAsync(Manifests.Service("backend", Dead(), Dead()));
        var call = client.UnaryAsync(new EchoRequest(), Ready()).ResponseAsync;
        await ParkedAsync(call);

        _source.Apply(Manifests.Service("backend", Dead(), server.EndPoint));

        Assert.Equal("one", (await call.WaitAsync(Patience)).Server);
    }

    [Fact]
    public async Task A_call_waits_for_other_routes_too()
    {
        await using var server = await EchoServer.StartAsync("two");
        const string Rule = "  - backendRefs: [{ name: NAME, port: 80 }]";
        var client = await StartAsync(
            Manifests.Service("backend", Array.Empty<EchoServer>()) + Manifests.Service("v1", Array.Empty<EchoServer>()) + Manifests.Service("v2", server)
            + Manifests.GrpcRoute("backend", Rule.Replace("NAME", "v1", StringComparison.Ordinal)));
        var call = client.UnaryAsync(new EchoRequest(), Ready()).ResponseAsync;
        await ParkedAsync(call);

        _source.Apply(Manifests.GrpcRoute("backend", Rule.Replace("NAME", "v2", StringComparison.Ordinal)));

        Assert.Equal("two", (await call.WaitAsync(Patience)).Server);
    }

    [Fact]
    public async Task The_deadline_ends_the_wait()
    {
        var client = await StartAsync(Manifests.Service("backend", Array.Empty<EchoServer>()));

        var error = await Assert.ThrowsAsync<RpcException>(async () =>
            await client.UnaryAsync(new EchoRequest(), Ready(TimeSpan.FromMilliseconds(100))));

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
    }

    [Fact]
    public async Task A_mesh_that_goes_away_lets_calls_go()
    {
        var client = await StartAsync(Manifests.Service("backend", Array.Empty<EchoServer>()));
        var call = client.UnaryAsync(new EchoRequest(), Ready()).ResponseAsync;
        await ParkedAsync(call);

        await _mesh!.DisposeAsync();

        await Assert.ThrowsAnyAsync<RpcException>(() => call.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_call_that_does_not_ask_for_it_fails_at_once_and_one_without_a_rule_or_a_backend_never_waits()
    {
        var client = await StartAsync(
            Manifests.Service("backend", Array.Empty<EchoServer>())
            + Manifests.GrpcRoute("backend", """
                  - matches: [{ method: { service: test.Echo, method: ServerStream } }]
                    backendRefs: [{ name: backend, port: 80 }]
                  - matches: [{ method: { service: test.Echo, method: ClientStream } }]
                    backendRefs: [{ name: gone, port: 80 }]
              """));

        var none = await Assert.ThrowsAsync<RpcException>(async () => await client.UnaryAsync(new EchoRequest(), Ready()));
        Assert.Equal((StatusCode.Unimplemented, "NR"), (none.StatusCode, none.GetMeshCall()!.Flags));

        using var stream = client.ClientStream(Ready());
        var gone = await Assert.ThrowsAsync<RpcException>(async () => await stream);
        Assert.Equal((StatusCode.Unavailable, "NC"), (gone.StatusCode, gone.GetMeshCall()!.Flags));

        using var down = client.ServerStream(new EchoRequest());
        var unready = await Assert.ThrowsAsync<RpcException>(() => down.ResponseStream.MoveNext());
        Assert.Equal((StatusCode.Unavailable, "UH"), (unready.StatusCode, unready.GetMeshCall()!.Flags));
        Assert.Equal("no usable endpoint of default/backend:80 (GRPCRoute default/backend rule 0, UH)", unready.Status.Detail);
    }
}
