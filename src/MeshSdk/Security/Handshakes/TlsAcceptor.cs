using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Authentication;
using MeshSdk.Model;
using MeshSdk.Security.Trust;
using MeshSdk.Security.Verification;

namespace MeshSdk.Security.Handshakes;

/// <summary>
/// What the server's side of a handshake goes into: who we are, and whom we listen to. No session is ever taken up again. The ticket of one carries the
/// client's certificate and none of the intermediates that came with it, so that callers below an intermediate would be refused at each second connection;
/// and what a ticket says of a caller may be older than what is believed now.
/// </summary>
/// <param name="identities">Who we are.</param>
/// <param name="time">The clock by which certificates are in force or not.</param>
/// <param name="furtherDomains">Trust domains whose members are listened to beside those of the mesh.</param>
internal sealed class TlsAcceptor(IdentityStore identities, TimeProvider time, ImmutableArray<string> furtherDomains)
{
    private const SslProtocols Either = SslProtocols.Tls12 | SslProtocols.Tls13;

    private volatile Belief? _belief;

    /// <summary>Whether there will ever be an identity: where there is no source of one, TLS is refused without a handshake.</summary>
    public bool HasSource => identities.HasSource;

    /// <summary>Why there is no identity, for people.</summary>
    public string Unavailable => identities.Unavailable().Message;

    /// <summary>Whose word is taken now; null: there is no identity yet.</summary>
    public CallerTrust? Trust => identities.Current is { } identity ? TrustOf(identity) : null;

    /// <summary>Makes ready for one connection. Waits for the first identity for as long as a dial does.</summary>
    /// <exception cref="IdentityUnavailableException">There is no identity to show.</exception>
    public async ValueTask<(SslServerAuthenticationOptions Options, CallerCheck Check)> PrepareAsync(CancellationToken cancellationToken)
    {
        var identity = await identities.GetAsync(cancellationToken).ConfigureAwait(false);
        var check = new CallerCheck(TrustOf(identity), time.GetUtcNow());
        return (new SslServerAuthenticationOptions
        {
            ServerCertificateContext = identity.Certificate.Context,
            ClientCertificateRequired = true,
            CertificateChainPolicy = check.Policy,
            RemoteCertificateValidationCallback = check.Accepts,
            EnabledSslProtocols = identities.Mesh.RequiresTls13 ? SslProtocols.Tls13 : Either,
            AllowRenegotiation = false,
            AllowTlsResume = false,
        }, check);
    }

    private CallerTrust TrustOf(IdentityContext identity)
    {
        var mesh = identities.Mesh;
        if (_belief is not { } belief || !ReferenceEquals(belief.Bundles, identity.Trust) || !ReferenceEquals(belief.Mesh, mesh))
        {
            _belief = belief = new Belief(identity.Trust, mesh, CallerTrust.Create(identity.Trust, mesh, furtherDomains));
        }

        return belief.Trust;
    }

    private sealed record Belief(MeshTrust Bundles, MeshSettings Mesh, CallerTrust Trust);
}
