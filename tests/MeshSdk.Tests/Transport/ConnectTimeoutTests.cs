using System.Net;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Transport;

/// <summary>The bound on a connection that is being made: it holds until the connection is ready for requests, TLS included, and not a moment longer.</summary>
public sealed class ConnectTimeoutTests
{
    private readonly FakeTimeProvider _time = new();

    private Task<TestMesh> StartAsync(IPEndPoint endpoint, ClusterProtocol protocol, int port) => TestMesh.StartAsync(
        new MeshEnvironment(new MeshOptions()) { Time = _time },
        Snapshots.Service("backend", endpoint).OnPort(port).Speaking(protocol)
            .Clustered(static c => c with { ConnectTimeout = TimeSpan.FromMilliseconds(500) }));

    [Theory]
    [InlineData(nameof(ClusterProtocol.Http1))]
    [InlineData(nameof(ClusterProtocol.Http2))]
    public async Task A_TLS_handshake_that_never_ends_is_a_failure_to_connect(string protocol)
    {
        var greeted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = RawServer.Start(async connection =>
        {
            await connection.ReadBytesAsync(1);
            greeted.SetResult();
            await Task.Delay(Timeout.Infinite, connection.Stop);
        });
        await using var mesh = await StartAsync(server.EndPoint, Enum.Parse<ClusterProtocol>(protocol), 443);
        using var client = mesh.CreateClient();
        var call = client.GetAsync("https://backend/");
        await greeted.Task;

        _time.Advance(TimeSpan.FromMilliseconds(499));
        Assert.False(call.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        using var response = await call.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains($"could not be connected to: No connection to {server.EndPoint} within 0.5 s", response.ReasonPhrase, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(ClusterProtocol.Http1), "http", 80)]
    [InlineData(nameof(ClusterProtocol.Http2), "http", 80)]
    [InlineData(nameof(ClusterProtocol.Http1), "https", 443)]
    [InlineData(nameof(ClusterProtocol.Http2), "https", 443)]
    public async Task A_connection_that_is_ready_is_not_bounded(string protocol, string scheme, int port)
    {
        await using var server = await EchoServer.StartAsync(
            protocols: protocol == nameof(ClusterProtocol.Http1) ? HttpProtocols.Http1 : HttpProtocols.Http2,
            certificate: scheme == "https" ? TestCertificate.SelfSigned : null);
        await using var mesh = await StartAsync(server.EndPoint, Enum.Parse<ClusterProtocol>(protocol), port);
        using var client = mesh.CreateClient(new SocketsHttpHandler { SslOptions = TestCertificate.Trusted() });

        for (var i = 0; i < 3; i++)
        {
            using var response = await client.GetAsync($"{scheme}://backend/");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1, server.Connections);
    }
}
