using System.Net.Security;
using MeshSdk.LoadTest.Backend;
using MeshSdk.LoadTest.Measuring;
using MeshSdk.Testing;

namespace MeshSdk.LoadTest.Contenders;

/// <summary>A server that takes connections in one way, and plain clients of it.</summary>
internal sealed class InboundContender : IDisposable
{
    private readonly InboundProcess _process;
    private readonly MeshTestCertificate? _certificate;

    private InboundContender(string name, InboundProcess process, MeshTestCertificate? certificate)
    {
        (Name, _process, _certificate) = (name, process, certificate);
        Kept = Client(once: false);
        Once = Client(once: true);
    }

    public string Name { get; }

    public InboundProcess Server => _process;

    /// <summary>Keeps its connections.</summary>
    public Contender Kept { get; }

    /// <summary>Makes a connection for each request.</summary>
    public Contender Once { get; }

    public static async Task<InboundContender> StartAsync(string name, InboundKind kind, string directory, MeshTestCertificate caller) =>
        new(name, await InboundProcess.StartAsync(kind, directory), kind is InboundKind.Https or InboundKind.MeshMutualTls ? caller : null);

    /// <param name="once">Whether each request is to have a connection of its own.</param>
    public Contender Client(bool once)
    {
        var handler = new SocketsHttpHandler { PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan };
        if (once)
        {
            handler.PooledConnectionLifetime = TimeSpan.Zero;
        }

        if (_certificate is not null)
        {
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificateContext = SslStreamCertificateContext.Create(_certificate.Certificate, [.. _certificate.Chain], offline: true),
                RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is not null,
                AllowTlsResume = false,
            };
        }

        return new Contender(Name, new HttpMessageInvoker(handler), $"{(_certificate is null ? "http" : "https")}://127.0.0.1:{_process.Port}");
    }

    public void Dispose()
    {
        Kept.Dispose();
        Once.Dispose();
        _process.Dispose();
    }
}
