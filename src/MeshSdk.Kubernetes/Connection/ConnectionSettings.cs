namespace MeshSdk.Kubernetes.Connection;

/// <summary>Where an API server is, how to know it, and how it is to know this process.</summary>
/// <param name="Server">Its address; paths of the API are below it.</param>
/// <param name="Origin">Where all this was found, for people.</param>
/// <param name="Credential">Who this process is.</param>
internal sealed record ConnectionSettings(Uri Server, string Origin, ICredential Credential)
{
    /// <summary>The namespace that goes with the context or the service account; null: none is stated.</summary>
    public string? Namespace { get; init; }

    /// <summary>Null: the authorities that the system trusts.</summary>
    public PemText? Authority { get; init; }

    public bool SkipsVerification { get; init; }

    /// <summary>The name that the server's certificate must be for; null: the host of <see cref="Server"/>.</summary>
    public string? TlsServerName { get; init; }

    public Uri? Proxy { get; init; }

    public ClientCertificateText? ClientCertificate { get; init; }
}

/// <summary>What proves this process to the server in the handshake.</summary>
internal sealed record ClientCertificateText(PemText Certificate, PemText Key);
