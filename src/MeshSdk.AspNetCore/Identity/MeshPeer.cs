using System.Security.Claims;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.AspNetCore.Identity;

namespace MeshSdk;

/// <summary>A caller that has proved by mutual TLS who it is in the mesh. One for each connection.</summary>
public sealed class MeshPeer
{
    private ClaimsPrincipal? _principal;

    internal MeshPeer(SpiffeId id, X509Certificate2 certificate)
    {
        (Id, Certificate) = (id, certificate);
        if (ServiceAccountName.Of(id) is { } account)
        {
            (Namespace, ServiceAccount) = (account.Namespace, account.Name);
        }
    }

    /// <summary>Who it is.</summary>
    public SpiffeId Id { get; }

    /// <summary>The Kubernetes namespace in its identity; null where that is not of the form <c>spiffe://TRUSTDOMAIN/ns/NAMESPACE/sa/ACCOUNT</c>.</summary>
    public string? Namespace { get; }

    /// <summary>
    /// The Kubernetes service account in its identity; null where that is not of the form <c>spiffe://TRUSTDOMAIN/ns/NAMESPACE/sa/ACCOUNT</c>.
    /// </summary>
    public string? ServiceAccount { get; }

    /// <summary>By what it has proved that. Belongs to the connection, which disposes of it.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>
    /// The same as claims (<see cref="MeshClaimTypes"/>), of the authentication type <c>Mesh</c>. It is one object for all requests of a
    /// connection: whoever wants to add claims takes a <see cref="ClaimsPrincipal.Clone"/>. It is not put into <c>HttpContext.User</c>, where it
    /// would pass for a user.
    /// </summary>
    public ClaimsPrincipal Principal => Volatile.Read(ref _principal) ?? Interlocked.CompareExchange(ref _principal, CreatePrincipal(), null) ?? _principal;

    internal ClaimsPrincipal CreatePrincipal()
    {
        var identity = new ClaimsIdentity(MeshPeerDefaults.AuthenticationScheme, MeshClaimTypes.Id, roleType: null);
        identity.AddClaim(new Claim(MeshClaimTypes.Id, Id.ToString()));
        identity.AddClaim(new Claim(MeshClaimTypes.TrustDomain, Id.TrustDomain));
        if (Namespace is not null && ServiceAccount is not null)
        {
            identity.AddClaim(new Claim(MeshClaimTypes.Namespace, Namespace));
            identity.AddClaim(new Claim(MeshClaimTypes.ServiceAccount, ServiceAccount));
        }

        return new ClaimsPrincipal(identity);
    }
}
