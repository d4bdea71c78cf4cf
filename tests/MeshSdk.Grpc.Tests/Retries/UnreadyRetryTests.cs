using Grpc.Core;
using MeshSdk.Clusters;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Protos;

namespace MeshSdk.Grpc.Tests.Retries;

/// <summary>Calls that were sent, and find nobody when they are to be sent again: what their callers have written is written once, and must not get lost.</summary>
public sealed class UnreadyRetryTests : IAsyncDisposable
{
    private readonly InMemorySource _source = new();
    private EchoServer _server = null!;
    private Mesh _mesh = null!;
    private MeshCallInvoker _invoker = null!;
    private ClusterState _cluster = null!;

    public static TheoryData<string, string> Changes => new()
    {
        { "unary", "route" }, { "client stream", "route" }, { "unary", "service" }, { "client stream", "service" }, { "unary", "switch" }, { "client stream", "switch" },
    };

    private static string Route(int attempts) => Manifests.HttpRoute("backend", $$"""
          - retry: { attempts: {{attempts}}, codes: [503], backoff: 1ms }
            backendRefs: [{ name: backend, port: 80 }]
    """);

    // The server has read all there is, and fails when the endpoint is gone and what follows has happened.
    private async Task<Task<string>> CallAsync(string kind, string change)
    {
        var calls = 0;
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _server = await EchoServer.StartAsync("one");
        _server.AfterRead = async _ =>
        {
            if (Interlocked.Increment(ref calls) == 1)
            {
                await ChangeAsync(change);
                changed.SetResult();
                throw new RpcException(new Status(StatusCode.Unavailable, "not now"));
            }
        };
        _source.Apply(Manifests.Service("backend", _server) + Route(2));
        _mesh = await Mesh.StartAsync(new MeshOptions { InMemory = _source });
        _invoker = _mesh.CreateCallInvoker("backend");
        var client = new Echo.EchoClient(_invoker);
        var options = new CallOptions(deadline: DateTime.UtcNow + Eventually.Patience).WithWaitForReady();
        var call = kind == "unary" ? UnaryAsync(client, options) : StreamAsync(client, options);
        await changed.Task.WaitAsync(Eventually.Patience);
        return call;
    }

    private async Task ChangeAsync(string change)
    {
        var frontend = _mesh.Runtime.Engine.FindFrontend(new Uri("http://backend"))!;
        var rule = frontend.Routes!.Rules[0];
        _cluster = rule.Backends[0].Cluster!;
        _source.Replace(Manifests.Service("backend", Array.Empty<EchoServer>()) + Route(2));
        await Eventually.HoldsAsync(() => _cluster.Usable.Count == 0);
        switch (change)
        {
            case "route":
                _source.Apply(Route(3));
                await Eventually.HoldsAsync(() => frontend.Routes is { } now && !now.Rules.Contains(rule));
                break;
            case "service":
                _source.Replace("");
                await Eventually.HoldsAsync(() => _cluster.Model is null);
                break;
            default:
                _mesh.Enabled = false;
                break;
        }
    }

    private static async Task<string> UnaryAsync(Echo.EchoClient client, CallOptions options) => (await client.UnaryAsync(new EchoRequest { Text = "m0,m1,m2" }, options)).Text;

    private static async Task<string> StreamAsync(Echo.EchoClient client, CallOptions options)
    {
        using var up = client.ClientStream(options);
        for (var i = 0; i < 3; i++)
        {
            await up.RequestStream.WriteAsync(new EchoRequest { Text = $"m{i}" });
        }

        await up.RequestStream.CompleteAsync();
        return (await up).Text;
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_call_that_was_sent_is_never_begun_anew(string kind, string change)
    {
        var call = await CallAsync(kind, change);
        if (change == "route")
        {
            await Eventually.HoldsAsync(() => _cluster.Changed.IsAwaited, "it waits for an endpoint");
            _source.Apply(Manifests.Service("backend", _server));
            Assert.Equal("m0,m1,m2", await call);
            Assert.Equal([null, "1"], _server.Calls.Select(static received => received.Find("grpc-previous-rpc-attempts")));
        }
        else
        {
            var error = await Assert.ThrowsAsync<RpcException>(() => call);
            Assert.Equal((StatusCode.Unavailable, "UH", 1), (error.StatusCode, error.GetMeshCall()!.Flags, error.GetMeshCall()!.Attempts));
            Assert.Single(_server.Calls);
        }

        Assert.Equal(0, _mesh.Runtime.Engine.Attempts.Kept.Bytes);
    }

    public async ValueTask DisposeAsync()
    {
        _invoker?.Dispose();
        await (_mesh?.DisposeAsync() ?? default);
        await (_server?.DisposeAsync() ?? default);
    }
}
