using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Testing;

namespace MeshSdk.AspNetCore.Tests.Fixtures.Wire;

/// <summary>Connections, byte by byte in the hands of the test.</summary>
internal static class Dial
{
    public static async Task<NetworkStream> PlaintextAsync(IPEndPoint server)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server);
            return new NetworkStream(socket, ownsSocket: true) { ReadTimeout = 60_000 };
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="TlsAsync(IPEndPoint, MeshTestCertificate, string, bool, string[])"/>
    public static Task<SslStream> TlsAsync(IPEndPoint server, MeshTestCertificate client, bool shows = true, params string[] protocols) =>
        TlsAsync(server, client, client.RootPem, shows, protocols);

    /// <param name="server">Where to.</param>
    /// <param name="client">Who calls.</param>
    /// <param name="rootPem">By whose word the server is believed.</param>
    /// <param name="shows">Whether the certificate of the client is shown.</param>
    /// <param name="protocols">What is offered in ALPN; none: no such extension.</param>
    public static async Task<SslStream> TlsAsync(IPEndPoint server, MeshTestCertificate client, string rootPem, bool shows = true, params string[] protocols) =>
        await TlsOverAsync(await PlaintextAsync(server), client, rootPem, shows, protocols);

    /// <inheritdoc cref="TlsAsync(IPEndPoint, MeshTestCertificate, string, bool, string[])"/>
    /// <param name="connection">Over what; it ends with the TLS.</param>
    public static async Task<SslStream> TlsOverAsync(Stream connection, MeshTestCertificate client, string rootPem, bool shows, params string[] protocols)
    {
        using var root = X509Certificate2.CreateFromPem(rootPem);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(root);
        var tls = new SslStream(connection);
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "outbound_.80_._.backend.shop.svc.cluster.local",
                ApplicationProtocols = protocols.Length == 0 ? null : [.. protocols.Select(static name => new SslApplicationProtocol(name))],
                ClientCertificateContext = shows ? SslStreamCertificateContext.Create(client.Certificate, [.. client.Chain], offline: true) : null,
                CertificateChainPolicy = policy,
                RemoteCertificateValidationCallback = static (_, _, _, errors) => (errors & ~SslPolicyErrors.RemoteCertificateNameMismatch) == 0,
            });
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }
}
