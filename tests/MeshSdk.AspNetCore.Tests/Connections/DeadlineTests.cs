using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using MeshSdk.AspNetCore.Connections;
using MeshSdk.AspNetCore.Tests.Fixtures;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.AspNetCore.Tests.Connections;

/// <summary>What a connection may still do that has been asked to end.</summary>
public sealed class DeadlineTests : IDisposable
{
    private readonly Authorities _authorities = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    public void Dispose() => _authorities.Dispose();

    [Fact]
    public async Task A_WebSocket_that_is_not_allowed_any_more_ends_after_the_drain()
    {
        await using var server = await Server.StartAsync(new ServerSetup { Identity = _authorities.Server(_authorities.Root), Time = _time, Handle = UpgradeAsync });
        await using var caller = await Caller.PlainAsync(server.EndPoint);
        await caller.WriteAsync("GET /socket HTTP/1.1\r\nHost: backend\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append(await ReadAsync(caller, 1));
        }

        Assert.StartsWith("HTTP/1.1 101", head.ToString(), StringComparison.Ordinal);
        var connection = Assert.Single(server.Mesh.Connections.Where(static (_, _) => true, 0));

        server.Configuration.Apply("""
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: { name: default, namespace: shop }
            spec: { mtls: { mode: STRICT } }
            """);
        await Eventually.HoldsAsync(() => connection.IsToldToGo, "the mode");

        // The first look finds it forbidden; from then on it has the time that drains have.
        _time.Advance(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(44));
        await caller.WriteAsync("x");
        Assert.Equal("x", await ReadAsync(caller, 1));

        _time.Advance(TimeSpan.FromSeconds(2));

        await caller.EndAsync();
        var line = await server.Log.LineAsync("was aborted");
        Assert.Contains("00:00:45 (Mesh:Server:DrainTimeout)", line, StringComparison.Ordinal);
        Assert.Contains("it came in plaintext, and PeerAuthentication shop/default says STRICT", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_that_is_about_to_end_refuses_no_call()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await Server.StartAsync(new ServerSetup
        {
            Identity = _authorities.Server(_authorities.Root),
            Time = _time,
            Handle = async context =>
            {
                arrived.TrySetResult();
                await release.Task;
                await context.Response.WriteAsync("well");
            },
        });
        await using var caller = await Caller.TlsAsync(server.EndPoint, _authorities.Root.Issue(CallerCases.Id, new() { Lifetime = TimeSpan.FromHours(1) }));
        await caller.WriteAsync("GET / HTTP/1.1\r\nHost: backend\r\n\r\n");
        await arrived.Task;
        var connection = Assert.Single(server.Mesh.Connections.Where(static (_, _) => true, 0));
        var left = connection.NotAfter - _time.GetUtcNow().UtcDateTime;

        _time.Advance(left - TimeSpan.FromSeconds(35));
        Assert.False(connection.IsToldToGo);
        _time.Advance(TimeSpan.FromSeconds(10));
        await Eventually.HoldsAsync(() => connection.IsToldToGo, "the wish that it ends");
        Assert.True(server.Mesh.Allows(connection));
        release.SetResult();

        var answer = await caller.ReadAnswerAsync();
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
        await caller.EndAsync();
    }

    [Fact]
    public void An_address_of_IPv4_is_shown_as_one()
    {
        var connection = new InboundConnection(new DefaultConnectionContext { RemoteEndPoint = new IPEndPoint(IPAddress.Parse("::ffff:10.1.2.3"), 4000) }, isExempt: false);

        Assert.Equal("10.1.2.3:4000", connection.Remote);
    }

    [Fact]
    public void Endpoints_that_Kestrel_lets_go_are_kept_by_nobody()
    {
        var endpoints = new MeshEndpoints();
        var made = Make(endpoints);
        Assert.Equal(EndpointKind.Plaintext, Assert.Single(endpoints.Addresses()).Value);

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();

        Assert.DoesNotContain(made, static one => one.IsAlive);
        Assert.Empty(endpoints.Addresses());
    }

    // Kestrel reads its configuration anew, and each time there is another endpoint at the same address.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static List<WeakReference> Make(MeshEndpoints endpoints)
    {
        var made = new List<WeakReference>();
        for (var i = 0; i < 10; i++)
        {
            new KestrelServerOptions().Listen(IPAddress.Loopback, 8080, endpoint =>
            {
                endpoints.Join(endpoint, null!);
                if (made.Count == 9)
                {
                    endpoints.MarkPlaintext(endpoint);
                }

                endpoints.Bind(endpoint);
                made.Add(new WeakReference(endpoint));
            });
        }

        return made;
    }

    private static async Task<string> ReadAsync(Caller caller, int count)
    {
        var bytes = new byte[count];
        await caller.Stream.ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
        return Encoding.ASCII.GetString(bytes);
    }

    private static async Task UpgradeAsync(HttpContext context)
    {
        await using var stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
        var buffer = new byte[100];
        while (await stream.ReadAsync(buffer, context.RequestAborted) is > 0 and var read)
        {
            await stream.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
        }
    }
}
