using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Kubernetes.Tests.Fixtures;

namespace MeshSdk.Kubernetes.Tests.EndToEnd;

/// <summary>
/// Words to and fro over connections of their own. They take as long as those between an application and its API server, however busy the machine is:
/// they wait for the same processors, the same sockets and the same threads.
/// </summary>
internal sealed class RoundTrips : IDisposable
{
    // Both ways of a request and its answer, through TLS and HTTP/2 on both sides, have about as many turns as these.
    private const int PerRequest = 4;

    private static readonly Lazy<X509Certificate2> Certificate = new(static () =>
    {
        using var authority = new TestAuthority();
        return authority.Issue("127.0.0.1");
    });

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private (Stream Near, Stream Far)? _connection;

    public RoundTrips()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
    }

    /// <summary>Lets as much time pass as a request and its answer take on a connection that is there.</summary>
    public async Task MakeAsync()
    {
        var (near, far) = _connection ??= await ConnectAsync();
        var word = new byte[1];
        for (var i = 0; i < PerRequest; i++)
        {
            var answering = AnswerAsync(far);
            await near.WriteAsync(word);
            await near.ReadExactlyAsync(word);
            await answering;
        }
    }

    /// <summary>Lets as much time pass as it takes to connect to an API server.</summary>
    public async Task ShakeHandsAsync()
    {
        var (near, far) = await ConnectAsync();
        await using var client = new SslStream(near);
        await using var server = new SslStream(far);
        await Task.WhenAll(
            client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "127.0.0.1",
                AllowTlsResume = false,
                RemoteCertificateValidationCallback = static (_, seen, _, _) => seen?.GetCertHashString() == Certificate.Value.GetCertHashString(),
            }),
            server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = Certificate.Value, AllowTlsResume = false }));
    }

    public void Dispose()
    {
        _listener.Dispose();
        _connection?.Near.Dispose();
        _connection?.Far.Dispose();
    }

    private async Task<(Stream Near, Stream Far)> ConnectAsync()
    {
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await near.ConnectAsync(_listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        var far = await _listener.AcceptAsync(TestContext.Current.CancellationToken);
        far.NoDelay = true;
        return (new NetworkStream(near, ownsSocket: true), new NetworkStream(far, ownsSocket: true));
    }

    private static async Task AnswerAsync(Stream far)
    {
        var word = new byte[1];
        await far.ReadExactlyAsync(word);
        await far.WriteAsync(word);
    }
}
