using System.Collections.Concurrent;
using MeshSdk.Model;
using MeshSdk.Testing;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Tls;

/// <summary>A new identity is shown by new connections, old ones run out in time, and no request notices.</summary>
public sealed class RotationTests : IAsyncDisposable
{
    private readonly SecureMesh _secure = new();

    public static TheoryData<string> Protocols => [nameof(ClusterProtocol.Http1), nameof(ClusterProtocol.Http2)];

    public ValueTask DisposeAsync() => _secure.DisposeAsync();

    private MeshTestCertificate Living(double seconds) =>
        _secure.Authority.Issue(SecureMesh.Caller, new MeshTestCertificateOptions { NotBefore = DateTimeOffset.UtcNow, Lifetime = TimeSpan.FromSeconds(seconds) });

    private Task<TlsServer> ServeAsync() => _secure.ServeAsync(options: new TlsServerOptions
    {
        Roots = _secure.Authority.RootPem,
        Handle = static context =>
        {
            context.Response.Headers["x-serial"] = context.Connection.ClientCertificate!.SerialNumber;
            return EchoServer.EchoAsync("one", context);
        },
    });

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Certificates_change_under_load_and_no_request_fails(string speaks)
    {
        var server = await ServeAsync();
        var first = Living(30);
        var mesh = await _secure.StartAsync(
            new MeshOptions(), first, Snapshots.Service("backend", server.EndPoint).Speaking(Enum.Parse<ClusterProtocol>(speaks)).WantingTls());
        using var client = mesh.CreateClient();
        using var stop = new CancellationTokenSource();
        var serials = new ConcurrentDictionary<string, int>();
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(LoadAsync)).ToArray();
        HashSet<string> issued = [first.Certificate.SerialNumber];

        // Connections last for three seconds at most, of the thirty that a certificate lives.
        for (var i = 0; i < 2; i++)
        {
            var certificate = Living(30);
            issued.Add(certificate.Certificate.SerialNumber);
            await _secure.RotateAsync(certificate);
            await Eventually.HoldsAsync(() => load.Any(static task => task.IsCompleted) || serials.ContainsKey(certificate.Certificate.SerialNumber), "the new certificate is seen");
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);
        Assert.Subset(issued, serials.Keys.ToHashSet());

        async Task LoadAsync()
        {
            while (!stop.IsCancellationRequested)
            {
                using var response = await client.PostAsync("http://backend/", new StringContent("body"));
                Assert.Equal("body", (await Echo.ReadAsync(response)).Body);
                serials.AddOrUpdate(response.Headers.GetValues("x-serial").Single(), 1, static (_, count) => count + 1);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_much_shorter_life_counts_for_connections_that_there_are_and_a_streaming_response_goes_on(string speaks)
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = await _secure.ServeAsync(options: new TlsServerOptions
        {
            Handle = async context =>
            {
                if (context.Request.Path == "/stream")
                {
                    await context.Response.Body.WriteAsync("begin,"u8.ToArray());
                    await context.Response.Body.FlushAsync();
                    await go.Task;
                    await context.Response.Body.WriteAsync("end"u8.ToArray());
                    return;
                }

                await EchoServer.EchoAsync("one", context);
            },
        });
        var mesh = await _secure.StartAsync(
            new MeshOptions(), Living(24 * 3600), Snapshots.Service("backend", server.EndPoint).Speaking(Enum.Parse<ClusterProtocol>(speaks)).WantingTls());
        using var client = mesh.CreateClient();
        using var stream = await client.GetAsync("http://backend/stream", HttpCompletionOption.ResponseHeadersRead);
        var before = mesh.Endpoint();
        var connection = (await Echo.ReadAsync(await client.GetAsync("http://backend/"))).Connection;
        Assert.Equal(TimeSpan.FromHours(1), before.Plan.TlsLifetime);

        await _secure.RotateAsync(Living(100));
        await Eventually.HoldsAsync(() => mesh.Endpoint() != before, "connections are made anew");

        Assert.InRange(mesh.Endpoint().Plan.TlsLifetime, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));
        Assert.NotEqual(connection, (await Echo.ReadAsync(await client.GetAsync("http://backend/"))).Connection);
        Assert.Equal(1, mesh.Cluster().Draining);
        go.SetResult();
        Assert.Equal("begin,end", await stream.Content.ReadAsStringAsync());
        await Eventually.HoldsAsync(() => mesh.Cluster().Draining == 0, "the old connections are closed");
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_new_certificate_of_the_same_life_keeps_the_connections(string speaks)
    {
        var server = await ServeAsync();
        var mesh = await _secure.StartAsync(
            new MeshOptions(), Living(24 * 3600), Snapshots.Service("backend", server.EndPoint).Speaking(Enum.Parse<ClusterProtocol>(speaks)).WantingTls());
        using var client = mesh.CreateClient();
        var before = await Echo.ReadAsync(await client.GetAsync("http://backend/"));
        var endpoint = mesh.Endpoint();

        await _secure.RotateAsync(Living(24 * 3600));

        Assert.Equal(before.Connection, (await Echo.ReadAsync(await client.GetAsync("http://backend/"))).Connection);
        Assert.Same(endpoint, mesh.Endpoint());
    }
}
