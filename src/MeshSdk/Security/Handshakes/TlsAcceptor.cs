using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Authentication;
using MeshSdk.Security.Verification;

namespace MeshSdk.Security.Handshakes;

/// <summary>What the server's side of a handshake goes into: who we are, and whom we listen to.</summary>
/// <param name="identities">Who we are.</param>
/// <param name="time">The clock by which certificates are in force or not.</param>
/// <param name="furtherDomains">Trust domains whose members are listened to beside those of the mesh.</param>
internal sealed class TlsAcceptor(IdentityStore identities, TimeProvider time, ImmutableArray<string> furtherDomains)
{
    private const SslProtocols Either = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>Makes ready for one connection.</summary>
    /// <exception cref="IdentityUnavailableException">There is no identity to show.</exception>
    public async ValueTask<(SslServerAuthenticationOptions Options, CallerCheck Check)> PrepareAsync(CancellationToken cancellationToken)
    {
        var identity = await identities.GetAsync(cancellationToken).ConfigureAwait(false);
        var mesh = identities.Mesh;
        var check = CallerCheck.Create(identity.Trust, mesh, furtherDomains, time.GetUtcNow());
        return (new SslServerAuthenticationOptions
        {
            ServerCertificateContext = identity.Certificate.Context,
            ClientCertificateRequired = true,
            CertificateChainPolicy = check.Policy,
            RemoteCertificateValidationCallback = check.Accepts,
            EnabledSslProtocols = mesh.RequiresTls13 ? SslProtocols.Tls13 : Either,
            AllowRenegotiation = false,

            // A session that is taken up again brings the caller's leaf without what it is under: who came by an intermediate would be refused then.
            AllowTlsResume = false,
        }, check);
    }
}
