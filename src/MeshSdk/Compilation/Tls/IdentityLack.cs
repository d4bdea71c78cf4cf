namespace MeshSdk.Compilation.Tls;

/// <summary>Whether calls to a service are sent in plaintext because this process has no identity to show.</summary>
internal enum IdentityLack
{
    /// <summary>An identity would change nothing.</summary>
    None,

    /// <summary>It may: nobody can tell whether the pods can do mutual TLS, nor whether the mesh is one of Istio's.</summary>
    Possible,

    /// <summary>It would, or the mesh is one of Istio's and nobody can tell.</summary>
    Certain,
}
