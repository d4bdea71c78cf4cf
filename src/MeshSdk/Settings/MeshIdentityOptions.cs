namespace MeshSdk;

/// <summary>
/// Where this process has its identity in the mesh from. By default it is looked for, in this order: PEM files at the places where agents and drivers put
/// them, the files that the variable <c>GRPC_XDS_BOOTSTRAP</c> leads to, the SPIFFE Workload API (<c>SPIFFE_ENDPOINT_SOCKET</c>) and a certificate authority
/// (<c>CA_ADDR</c>); for the last two there is a package of its own.
/// </summary>
public sealed class MeshIdentityOptions
{
    /// <summary>
    /// A source in code; comes before all others. Default none; one that is registered as a service (<see cref="ICertificateSource"/>) is used where none of the
    /// other options is set.
    /// </summary>
    public ICertificateSource? Source { get; set; }

    /// <summary>
    /// A directory of PEM files in one of the known layouts: <c>cert-chain.pem</c>, <c>key.pem</c>, <c>root-cert.pem</c> (istio-agent);
    /// <c>tls.crt</c>, <c>tls.key</c>, <c>ca.crt</c> (cert-manager); <c>certificates.pem</c>, <c>private_key.pem</c>, <c>ca_certificates.pem</c> (GKE).
    /// Comes before what is looked for. Default none. Relative paths, here and below, start at the host's content root; without a host, at the process's
    /// current directory.
    /// </summary>
    public string? Directory { get; set; }

    /// <summary>The certificate, with its chain, as PEM; goes with <see cref="PrivateKeyFile"/> and <see cref="TrustBundleFile"/>. Default none.</summary>
    public string? CertificateFile { get; set; }

    /// <summary>The private key as PEM, not encrypted.</summary>
    public string? PrivateKeyFile { get; set; }

    /// <summary>The certificates of the authorities that peers are believed by, as PEM.</summary>
    public string? TrustBundleFile { get; set; }

    /// <summary>Whether an identity is looked for where none of the others is set. Default true.</summary>
    public bool Detect { get; set; } = true;

    /// <summary>Whether TLS with mesh identities is version 1.3 at least. Default false: 1.2, unless the MeshConfig says 1.3.</summary>
    public bool RequireTls13 { get; set; }

    // Internal, and filled by a method: nothing in it could be stated by a configuration section.
    internal List<ICertificateSourceDetector> Detectors { get; } = [];

    /// <summary>Adds a way of looking for an identity, which is tried after those that are known already.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="detector"/> is null.</exception>
    public void AddDetector(ICertificateSourceDetector detector)
    {
        ArgumentNullException.ThrowIfNull(detector);
        Detectors.Add(detector);
    }
}
