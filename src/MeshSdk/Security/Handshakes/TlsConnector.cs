using System.Net.Security;
using System.Security.Authentication;
using MeshSdk.Model;
using MeshSdk.Security.Policies;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshSdk.Security.Handshakes;

/// <summary>Lays TLS over a connection to an endpoint, and makes sure who is at the other end.</summary>
/// <param name="identities">Who we are.</param>
/// <param name="time">The clock by which certificates are in force or not.</param>
/// <param name="logger">Hears of files of policies that are no good any more.</param>
internal sealed class TlsConnector(IdentityStore identities, TimeProvider time, ILogger? logger = null)
{
    private const SslProtocols Either = SslProtocols.Tls12 | SslProtocols.Tls13;

    private readonly HandshakePreparation _preparation = new(identities, new PolicyMaterial(logger ?? NullLogger.Instance), time);

    /// <summary>Which trust domains are as good as which, and what versions of TLS; as the snapshot in force has it.</summary>
    public MeshSettings Mesh
    {
        get => identities.Mesh;
        set => identities.Mesh = value;
    }

    /// <summary>How old a connection may grow by the certificate that a policy has us show, as it is now; null: it shows none, or none that can be read.</summary>
    public TimeSpan? LifetimeOf(ClusterTls tls) => _preparation.CertificateOf(tls)?.ConnectionLifetime;

    /// <summary>Makes sure that there is what a handshake would need of this side. It may have changed when the handshake begins, which then looks again.</summary>
    /// <exception cref="IdentityUnavailableException">There is not.</exception>
    public async ValueTask PrepareAsync(EndpointTls tls, string dialledName, CancellationToken cancellationToken) =>
        await _preparation.TermsAsync(tls, Mesh, dialledName, cancellationToken).ConfigureAwait(false);

    /// <param name="connection">To the endpoint; closed by the caller where this throws.</param>
    /// <param name="tls">What is asked of it.</param>
    /// <param name="http2">Whether HTTP/2 is to be spoken, which is then what the other side must agree to; else HTTP/1.1.</param>
    /// <param name="dialledName">The host that the request dialled.</param>
    /// <param name="patience">How long it may take until the connection can be used, which over HTTP/2 the server's first word is a part of.</param>
    /// <param name="cancellationToken">Nobody waits any more.</param>
    /// <returns>A <see cref="PeerStream"/>.</returns>
    /// <exception cref="IdentityUnavailableException">There is no identity to show; the endpoint has nothing to do with that.</exception>
    /// <exception cref="PeerRejectedException">The peer is not whom it should be, or speaks no TLS; the message says which check failed.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public async ValueTask<Stream> AuthenticateAsync(
        Stream connection, EndpointTls tls, bool http2, string dialledName, TimeSpan patience, CancellationToken cancellationToken)
    {
        var terms = await _preparation.TermsAsync(tls, Mesh, dialledName, cancellationToken).ConfigureAwait(false);
        var report = new HandshakeReport(connection, tls.Cluster, dialledName) { Shown = terms.Certificate?.Name };
        var tap = new HandshakeTap(connection);
        var stream = new PeerStream(tap, report, http2, patience, time);
        try
        {
            await stream.AuthenticateAsClientAsync(Options(terms, tls.Cluster.Mode, http2), cancellationToken).ConfigureAwait(false);
            if (ApplicationProtocols.Fault(stream.NegotiatedApplicationProtocol, http2) is { } protocolFault)
            {
                throw report.Failed(protocolFault);
            }

            if (tls.Cluster.Mode == TlsMode.Istio && CipherSuites.Fault(stream) is { } cipherFault)
            {
                throw report.Failed(cipherFault);
            }
        }
        catch (Exception e)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            if (terms.Check.Refusal is { } refusal)
            {
                if (terms.MayResume)
                {
                    terms.Sessions.Refused(terms.ServerName, time.GetUtcNow());
                }

                throw report.Rejected(refusal);
            }

            if (e is PeerRejectedException || e is not (AuthenticationException or IOException))
            {
                throw;
            }

            throw report.Broken(tap, e);
        }

        tap.Over();
        stream.Identity = terms.Check.Identity;
        terms.Sessions.Accepted(terms.ServerName, terms.Anchors, terms.Check.NotAfter);
        return stream;
    }

    private SslClientAuthenticationOptions Options(HandshakeTerms terms, TlsMode mode, bool http2) => new()
    {
        TargetHost = terms.ServerName,
        EnabledSslProtocols = mode == TlsMode.Istio && Mesh.RequiresTls13 ? SslProtocols.Tls13 : Either,
        ApplicationProtocols = ApplicationProtocols.Offered(mode == TlsMode.Istio, http2),
        ClientCertificateContext = terms.Certificate?.Context,
        CertificateChainPolicy = terms.Check.Policy,
        RemoteCertificateValidationCallback = terms.Check.Accepts,
        AllowTlsResume = terms.MayResume,
        AllowRenegotiation = false,
    };
}
