namespace MeshSdk;

/// <summary>The claims of a <see cref="MeshPeer"/>.</summary>
public static class MeshClaimTypes
{
    /// <summary>The SPIFFE ID as it stands in the certificate; also the name of the identity.</summary>
    public const string Id = "mesh_id";

    /// <summary>The trust domain in it.</summary>
    public const string TrustDomain = "mesh_trust_domain";

    /// <summary>The Kubernetes namespace in it, if there is one.</summary>
    public const string Namespace = "mesh_namespace";

    /// <summary>The Kubernetes service account in it, if there is one.</summary>
    public const string ServiceAccount = "mesh_service_account";
}
