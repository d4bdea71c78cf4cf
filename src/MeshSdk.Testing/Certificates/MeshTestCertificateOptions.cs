using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Testing;

/// <summary>What is to be other than in a good certificate of a mesh identity.</summary>
public sealed record MeshTestCertificateOptions
{
    /// <summary>From now on, where <see cref="NotAfter"/> is not set. Default a day.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Default two minutes ago, as istiod does.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Default: now and <see cref="Lifetime"/>.</summary>
    public DateTimeOffset? NotAfter { get; init; }

    /// <summary>Further URIs.</summary>
    public IReadOnlyList<string> Uris { get; init; } = [];

    /// <summary>DNS names.</summary>
    public IReadOnlyList<string> DnsNames { get; init; } = [];

    /// <summary>The subject; default empty, as istiod does.</summary>
    public string Subject { get; init; } = "";

    /// <summary>Whether the leaf says that it is an authority.</summary>
    public bool IsAuthority { get; init; }

    /// <summary>What it may be used for; default TLS on both sides. Empty: no such extension.</summary>
    public IReadOnlyList<string> EnhancedKeyUsages { get; init; } = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];

    /// <summary>RSA instead of ECDSA P-256.</summary>
    public bool Rsa { get; init; }

    internal CertificateRequest RequestFor(string? spiffeId, PublicKey key)
    {
        var request = new CertificateRequest(new X500DistinguishedName(Subject), key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        string[] uris = spiffeId is null ? [.. Uris] : [spiffeId, .. Uris];
        foreach (var uri in uris)
        {
            names.AddUri(new Uri(uri));
        }

        foreach (var name in DnsNames)
        {
            names.AddDnsName(name);
        }

        if (uris.Length + DnsNames.Count > 0)
        {
            request.CertificateExtensions.Add(names.Build(critical: Subject.Length == 0));
        }

        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(IsAuthority, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            IsAuthority ? X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature : X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment,
            critical: true));
        if (EnhancedKeyUsages.Count > 0)
        {
            var usages = new OidCollection();
            foreach (var usage in EnhancedKeyUsages)
            {
                usages.Add(new Oid(usage));
            }

            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(usages, critical: false));
        }

        return request;
    }
}
