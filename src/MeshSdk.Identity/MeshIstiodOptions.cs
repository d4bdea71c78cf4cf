namespace MeshSdk;

/// <summary>How istiod, or an authority that speaks its protocol such as cert-manager's istio-csr, is asked for the identity of this process.</summary>
public sealed class MeshIstiodOptions
{
    /// <summary>
    /// Where it is, <c>host:port</c>; always TLS, so never istiod's port 15010. Default: the environment variable <c>CA_ADDR</c>, as in
    /// <c>istiod.istio-system.svc:15012</c>.
    /// </summary>
    public string? Address { get; set; }

    /// <summary>
    /// The DNS name that its certificate must have. Default: the environment variable <c>ISTIOD_SAN</c>, else the name in <see cref="Address"/> where it is that of
    /// a Service (<c>NAME.NAMESPACE.svc</c>), else <c>istiod.istio-system.svc</c>.
    /// </summary>
    public string? ServerName { get; set; }

    /// <summary>
    /// A PEM file with the authorities by which it is believed, and peers too; read for each request, and followed. Default
    /// <c>/var/run/secrets/istio/root-cert.pem</c>, where the ConfigMap <c>istio-ca-root-cert</c> is mounted.
    /// </summary>
    public string? RootFile { get; set; }

    /// <summary>
    /// A file with a token of the service account whose audience is <c>istio-ca</c>; read for each request. Default
    /// <c>/var/run/secrets/tokens/istio-token</c>.
    /// </summary>
    public string? TokenFile { get; set; }

    /// <summary>
    /// The trust domain of the identity. Stands in the request; istiod decides by itself, istio-csr wants it to be right. Default: the environment variable
    /// <c>TRUST_DOMAIN</c>, else <c>cluster.local</c>.
    /// </summary>
    public string? TrustDomain { get; set; }

    /// <summary>
    /// What istiod calls the cluster of this process, in a mesh of several. Default: the environment variable <c>ISTIO_META_CLUSTER_ID</c>, else none.
    /// </summary>
    public string? ClusterId { get; set; }

    /// <summary>
    /// How long a certificate is to live; the authority may shorten it. A new one is asked for when half of that is left. Default 24 h, at least a minute, at most 90 days,
    /// which is the longest that istiod allows.
    /// </summary>
    public TimeSpan CertificateLifetime { get; set; } = TimeSpan.FromHours(24);
}
