using MeshSdk.Model;
using MeshSdk.Security.Policies;
using MeshSdk.Security.Trust;
using MeshSdk.Security.Verification;

namespace MeshSdk.Security.Handshakes;

/// <summary>Gathers what one handshake needs: whom the peer has to prove to be, by whose word, and what we show. What cannot be had fails the dial before it.</summary>
internal sealed class HandshakePreparation(IdentityStore identities, PolicyMaterial material, TimeProvider time)
{
    // The platform keeps sessions in which nothing was shown in one place.
    private readonly TlsSessions _anonymous = new();

    /// <exception cref="IdentityUnavailableException">Something is missing that no endpoint is to blame for.</exception>
    public ValueTask<HandshakeTerms> TermsAsync(EndpointTls tls, MeshSettings mesh, string dialledName, CancellationToken cancellationToken)
    {
        if (tls.Cluster.Fault is { } fault)
        {
            throw new IdentityUnavailableException(fault);
        }

        return tls.Cluster.Mode == TlsMode.Istio
            ? OfMeshAsync(tls, mesh, dialledName, cancellationToken)
            : new ValueTask<HandshakeTerms>(OfPolicy(tls.Cluster, dialledName));
    }

    /// <summary>What a policy has us show, as it is now; null: nothing, or nothing that can be read.</summary>
    public ClientCertificate? CertificateOf(ClusterTls tls)
    {
        try
        {
            return tls.Mode == TlsMode.Istio ? null : material.CredentialOf(tls.Credential)?.Certificate;
        }
        catch (IdentityUnavailableException)
        {
            return null;
        }
    }

    private async ValueTask<HandshakeTerms> OfMeshAsync(EndpointTls tls, MeshSettings mesh, string dialledName, CancellationToken cancellationToken)
    {
        // It was there when the dial began, and may have expired since.
        var identity = await identities.GetAsync(cancellationToken).ConfigureAwait(false);
        var now = time.GetUtcNow();
        if (identity.NotAfter <= now)
        {
            throw new IdentityUnavailableException(
                $"the identity {identity.Id} expired at {identity.NotAfter:u}, and it is {now:u}; there is no newer one"
                + (identities.Failure is { } failure ? $": {failure.Message}" : ""));
        }

        var serverName = tls.Cluster.ServerName ?? dialledName;
        return new HandshakeTerms
        {
            ServerName = serverName,
            Check = MeshPeerCheck.Create(tls.Identities, identity.Trust, material.RevocationsOf(tls.Cluster.Trust), mesh, now),
            Certificate = identity.Certificate,
            Sessions = identity.Sessions,
            MayResume = identity.MayResume && identity.Sessions.MayResume(serverName, null, now),
        };
    }

    private HandshakeTerms OfPolicy(ClusterTls tls, string dialledName)
    {
        var now = time.GetUtcNow();
        var credential = material.CredentialOf(tls.Credential);
        if (credential?.Certificate is { } certificate && certificate.NotAfter <= now)
        {
            throw new IdentityUnavailableException(
                $"the client certificate {certificate.Name} expired at {certificate.NotAfter:u}, and it is {now:u}");
        }

        var sessions = credential?.Sessions ?? _anonymous;
        var serverName = tls.ServerName ?? dialledName;
        var anchors = tls.SkipsVerification ? null : material.AnchorsOf(tls.Trust);
        return new HandshakeTerms
        {
            ServerName = serverName,
            Check = CheckOf(tls, serverName, anchors, now),
            Certificate = credential?.Certificate,
            Anchors = anchors,
            Sessions = sessions,
            MayResume = sessions.MayResume(serverName, anchors, now),
        };
    }

    private PeerCheck CheckOf(ClusterTls tls, string serverName, TrustAnchors? anchors, DateTimeOffset now)
    {
        if (tls.SkipsVerification)
        {
            return new AnyPeerCheck(now);
        }

        if (tls.Trust.Kind == TlsTrustKind.Mesh)
        {
            throw new IdentityUnavailableException($"the authorities of the mesh vouch for its identities alone, and names of another kind are asked for");
        }

        var names = tls.DnsNames.IsEmpty && tls.Uris.IsEmpty ? [serverName] : tls.DnsNames;
        return new NamedPeerCheck(names, tls.Uris, anchors, material.RevocationsOf(tls.Trust), now);
    }
}
