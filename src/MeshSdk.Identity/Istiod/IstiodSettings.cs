namespace MeshSdk.Identity.Istiod;

/// <summary>How istiod is asked for certificates.</summary>
/// <param name="Address">Where it is, as the user or the environment wrote it.</param>
/// <param name="ServerName">The name that it must prove; null: that of the address where it is one of a Service, else istiod's own.</param>
/// <param name="RootFile">The authorities that it is believed by, PEM.</param>
/// <param name="TokenFile">The token of the service account.</param>
/// <param name="TrustDomain">That of the identity, for the request.</param>
/// <param name="ClusterId">How istiod calls the cluster of this process; null: it has one only.</param>
/// <param name="Lifetime">Of a certificate, as asked for.</param>
internal sealed record IstiodSettings(
    string? Address, string? ServerName, string RootFile, string TokenFile, string TrustDomain, string? ClusterId, TimeSpan Lifetime)
{
    /// <summary>The variable that says where the authority is.</summary>
    public const string AddressVariable = "CA_ADDR";

    /// <summary>The variable for the name that the authority must prove.</summary>
    public const string ServerNameVariable = "ISTIOD_SAN";

    /// <summary>The variable for the cluster of this process.</summary>
    public const string ClusterIdVariable = "ISTIO_META_CLUSTER_ID";

    /// <summary>The variable for the trust domain.</summary>
    public const string TrustDomainVariable = "TRUST_DOMAIN";

    public const string DefaultRootFile = "/var/run/secrets/istio/root-cert.pem";
    public const string DefaultTokenFile = "/var/run/secrets/tokens/istio-token";
    public const string DefaultTrustDomain = "cluster.local";
    public static readonly TimeSpan DefaultLifetime = TimeSpan.FromHours(24);

    /// <summary>Istiod refuses to issue for longer.</summary>
    public static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(90);

    /// <summary>Of one call, the connection included.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the file of the authorities is looked at. The kubelet takes about a minute to bring a change there, whatever we do.</summary>
    public TimeSpan RootInterval { get; init; } = TimeSpan.FromSeconds(30);
}
