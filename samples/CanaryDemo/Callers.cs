using System.Security.Cryptography.X509Certificates;
using MeshSdk;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace CanaryDemo;

/// <summary>What a server notes of those who call it.</summary>
internal sealed class Callers
{
    private long _mutual;
    private long _plain;
    private volatile string? _lastShown;

    public Arrivals Arrivals => new(Interlocked.Read(ref _mutual), Interlocked.Read(ref _plain));

    /// <summary>The thumbprint of the certificate that the server itself had shown to its last caller; null before there was one with mutual TLS.</summary>
    public string? LastShown => _lastShown;

    public void Count(HttpContext request)
    {
        if (request.Features.Get<IMeshPeerFeature>()?.Peer is null)
        {
            Interlocked.Increment(ref _plain);
            return;
        }

        Interlocked.Increment(ref _mutual);
        _lastShown = (request.Features.Get<ISslStreamFeature>()?.SslStream.LocalCertificate as X509Certificate2)?.Thumbprint;
    }
}
