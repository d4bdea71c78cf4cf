using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using MeshSdk.Testing;

namespace MeshSdk.AspNetCore.Tests.Fixtures;

/// <summary>A caller on a socket of its own, who says byte by byte what it likes.</summary>
internal sealed class Caller : IAsyncDisposable
{
    private readonly Socket _socket;

    private Caller(Socket socket, Stream stream) => (_socket, Stream) = (socket, stream);

    public Stream Stream { get; }

    public IPEndPoint EndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    public static async Task<Caller> PlainAsync(EndPoint server)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, server is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        if (server is IPEndPoint)
        {
            socket.NoDelay = true;
        }

        await socket.ConnectAsync(server, TestContext.Current.CancellationToken);
        return new Caller(socket, new NetworkStream(socket, ownsSocket: true));
    }

    /// <summary>Whatever the server shows, it is believed.</summary>
    public static async Task<Caller> TlsAsync(
        EndPoint server, MeshTestCertificate? certificate, string[]? alpn = null, SslProtocols versions = SslProtocols.None, bool resumes = false)
    {
        var plain = await PlainAsync(server);
        var tls = new SslStream(plain.Stream);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "backend",
                    ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate.Certificate, [.. certificate.Chain], offline: true),
                    ApplicationProtocols = alpn is null ? null : [.. alpn.Select(static name => new SslApplicationProtocol(name))],
                    EnabledSslProtocols = versions,
                    AllowTlsResume = resumes,
                    CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
                    RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null,
                },
                TestContext.Current.CancellationToken);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }

        return new Caller(plain._socket, tls);
    }

    /// <summary>Sends a request of HTTP/1.1 and reads what is answered; null where the connection ends or breaks instead.</summary>
    public async Task<string?> GetAsync(string path = "/")
    {
        try
        {
            await WriteAsync($"GET {path} HTTP/1.1\r\nHost: backend\r\n\r\n");
            return await ReadAnswerAsync();
        }
        catch (IOException)
        {
            return null;
        }
    }

    public async Task WriteAsync(string text) => await Stream.WriteAsync(Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken);

    /// <summary>The head of an answer and the body, in chunks or not; null where there is none.</summary>
    public async Task<string?> ReadAnswerAsync()
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (true)
        {
            var read = await Stream.ReadAsync(buffer, TestContext.Current.CancellationToken);
            if (read == 0)
            {
                return text.Length == 0 ? null : text.ToString();
            }

            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
            var soFar = text.ToString();
            if (soFar.Contains("\r\n\r\n", StringComparison.Ordinal)
                && (soFar.Contains("Content-Length: 0", StringComparison.Ordinal) || soFar.EndsWith("0\r\n\r\n", StringComparison.Ordinal)))
            {
                return soFar;
            }
        }
    }

    /// <summary>Waits until the other side has closed the connection, however it did that.</summary>
    public async Task EndAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (await Stream.ReadAsync(buffer, TestContext.Current.CancellationToken) > 0)
            {
            }
        }
        catch (IOException)
        {
        }
    }

    /// <summary>Breaks the connection off.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Stream.DisposeAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or AuthenticationException)
        {
        }
    }
}
