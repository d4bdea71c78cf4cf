using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Security.Handshakes;
using MeshSdk.Security.Revocation;
using MeshSdk.Security.Trust;
using MeshSdk.Security.Verification;

namespace MeshSdk.Security;

/// <summary>An identity made ready for handshakes: what is dear to make is made once for each rotation, and not for each connection.</summary>
internal sealed class IdentityContext
{
    // Whoever goes back to a certificate goes back to one of the last.
    private const int MostLeaves = 16;

    // Those that were shown up to now, this one last, and whether there may be sessions with them from before the end of an authority.
    private readonly ImmutableArray<(string Thumbprint, bool IsBarred)> _leaves;

    private IdentityContext(MeshIdentity identity, SpiffeId id, MeshTrust trust, ClientCertificate certificate, ImmutableArray<(string, bool)> leaves, TlsSessions sessions)
    {
        (Identity, Id, Trust, Certificate, _leaves, Sessions) = (identity, id, trust, certificate, leaves, sessions);
        MayResume = !_leaves[^1].IsBarred;
    }

    public MeshIdentity Identity { get; }

    /// <summary>Who this process is.</summary>
    public SpiffeId Id { get; }

    /// <summary>Until when that holds.</summary>
    public DateTimeOffset NotAfter => Certificate.NotAfter;

    /// <summary>How old a connection that was made with it may grow: a tenth of the certificate's life, and an hour at most.</summary>
    public TimeSpan ConnectionLifetime => Certificate.ConnectionLifetime;

    /// <summary>By whose word peers are believed.</summary>
    public MeshTrust Trust { get; }

    /// <summary>What is shown to peers.</summary>
    public ClientCertificate Certificate { get; }

    /// <summary>
    /// Whether a TLS session may be taken up again. The platform keeps sessions by the certificate that was shown, and one carries the certificate that the peer
    /// had when it began. After an authority has left, sessions from before its end are not to be had until there is another certificate of our own.
    /// </summary>
    public bool MayResume { get; }

    /// <summary>Which sessions there may be.</summary>
    public TlsSessions Sessions { get; }

    /// <param name="identity">The one that comes into force.</param>
    /// <param name="previous">That which it takes the place of; null: there was none.</param>
    /// <param name="time">The clock that says what has expired; null: the system's.</param>
    /// <exception cref="ArgumentException">
    /// It cannot be used: its certificate has expired, does not name exactly one SPIFFE ID or has another's key, or a revocation list cannot be read.
    /// </exception>
    public static IdentityContext Create(MeshIdentity identity, IdentityContext? previous, TimeProvider? time = null)
    {
        var id = IdOf(identity.Certificate);
        var leaf = identity.Certificate;
        var now = (time ?? TimeProvider.System).GetUtcNow();
        if (leaf.NotAfter.ToUniversalTime() <= now.UtcDateTime)
        {
            throw new ArgumentException($"the certificate of {id} expired at {leaf.NotAfter.ToUniversalTime():u}, and it is {now:u}");
        }

        var isSameLeaf = previous is not null && previous.Identity.Certificate.RawDataMemory.Span.SequenceEqual(leaf.RawDataMemory.Span);
        var trust = TrustOf(identity, id);
        return new IdentityContext(
            identity,
            id,
            trust,
            ClientCertificate.Create(leaf, identity.Intermediates, id.ToString()),
            Leaves(previous, hasLost: previous is not null && !trust.HoldsAllOf(previous.Trust), leaf.Thumbprint),
            isSameLeaf ? previous!.Sessions : new TlsSessions());
    }

    // The platform still has the sessions of those before, should one come back.
    private static ImmutableArray<(string, bool)> Leaves(IdentityContext? previous, bool hasLost, string leaf)
    {
        var before = (previous?._leaves ?? []).Select(one => (one.Thumbprint, IsBarred: one.IsBarred || hasLost)).ToList();
        return [.. before.Where(one => one.Thumbprint != leaf).TakeLast(MostLeaves - 1), (leaf, before.Contains((leaf, true)))];
    }

    private static SpiffeId IdOf(X509Certificate2 leaf)
    {
        CertificateNames names;
        try
        {
            names = CertificateNames.Of(leaf);
        }
        catch (CryptographicException e)
        {
            throw new ArgumentException($"the certificate {CertificateLabel.Of(leaf)} cannot be used: {e.Message}", e);
        }

        return names.Uris is [var uri] && SpiffeId.TryParse(uri, out var id)
            ? id
            : throw new ArgumentException($"the certificate {CertificateLabel.Of(leaf)} holds {names}, where a mesh identity is exactly one SPIFFE ID");
    }

    private static MeshTrust TrustOf(MeshIdentity identity, SpiffeId id)
    {
        try
        {
            return MeshTrust.Create(identity.Bundles, id.TrustDomain);
        }
        catch (RevocationListException e)
        {
            throw new ArgumentException($"a revocation list of the trust bundles of {id} cannot be used: {e.Message}", e);
        }
    }
}
