using MeshSdk.Compilation.Policies;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Tls;

/// <summary>
/// Reads the TLS settings of a destination rule. Settings that contradict themselves, or want what is not there, make the TLS one that nothing can satisfy:
/// calls are refused.
/// </summary>
internal sealed class ClientTlsReader(CredentialReader credentials)
{
    private const string SystemAuthorities = "system";

    /// <summary>That of ISTIO_MUTUAL.</summary>
    /// <param name="stated">What the rule says.</param>
    /// <param name="serverName">What is sent where it does not say it.</param>
    public static (ClusterTls Tls, NameSet Identities) ReadMesh(StatedTls stated, string serverName)
    {
        var settings = stated.Settings ?? new();
        foreach (var (name, isThere) in new[]
        {
            ("clientCertificate", Has(settings.ClientCertificate)), ("privateKey", Has(settings.PrivateKey)), ("caCertificates", Has(settings.CaCertificates)),
            ("credentialName", Has(settings.CredentialName)), ("caCrl", Has(settings.CaCrl)), ("insecureSkipVerify", settings.InsecureSkipVerify == true),
        })
        {
            if (isThere)
            {
                At(stated, name).Ignored("with ISTIO_MUTUAL the identity of the mesh is used, and its authorities; leave it out");
            }
        }

        var names = settings.SubjectAltNames.OrEmpty();
        string? fault = null;
        for (var i = 0; i < names.Length; i++)
        {
            if (!SpiffeId.TryParse(names[i], out _))
            {
                fault ??= $"its subjectAltNames[{i}] '{names[i]}' is no SPIFFE ID";
                At(stated, $"subjectAltNames[{i}]").Fault(
                    $"'{names[i]}' is no SPIFFE ID, so that no peer can prove it; identities of the mesh are like spiffe://cluster.local/ns/NAMESPACE/sa/ACCOUNT");
            }
        }

        return (
            new ClusterTls
            {
                Source = stated.Block.Subject.ToString(),
                Mode = TlsMode.Istio,
                ServerName = Has(settings.Sni) ? settings.Sni : serverName,
                Trust = TlsTrust.Mesh,
                Fault = names.Any(static name => SpiffeId.TryParse(name, out _)) ? null : fault,
            },
            [.. names.Where(Has)]);
    }

    /// <summary>That of SIMPLE and MUTUAL.</summary>
    public ClusterTls Read(StatedTls stated)
    {
        var settings = stated.Settings ?? new();
        var names = settings.SubjectAltNames.OrEmpty().Where(Has).ToList();
        var tls = new ClusterTls
        {
            Source = stated.Block.Subject.ToString(),
            Mode = stated.Mode,
            ServerName = Has(settings.Sni) ? settings.Sni : null,
            Uris = [.. names.Where(IsUri)],
            DnsNames = [.. names.Where(static name => !IsUri(name))],
            SkipsVerification = settings.InsecureSkipVerify == true,
            Fault = stated.Fault,
        };
        return stated.Fault is not null || Contradicts(stated, settings, ref tls) ? tls
            : Has(settings.CredentialName) ? credentials.Read(tls, settings.CredentialName!, At(stated, "credentialName"))
            : tls with
            {
                Trust = TrustOf(settings),
                Credential = stated.Mode != TlsMode.Mutual ? null : new TlsCredential { CertificateFile = settings.ClientCertificate, KeyFile = settings.PrivateKey },
            };
    }

    private static TlsTrust TrustOf(ClientTlsSettings settings)
    {
        var revocations = Has(settings.CaCrl) ? settings.CaCrl : null;
        return Has(settings.CaCertificates) && settings.CaCertificates != SystemAuthorities
            ? new TlsTrust { Kind = TlsTrustKind.Given, AuthoritiesFile = settings.CaCertificates, RevocationsFile = revocations }
            : revocations is null ? TlsTrust.System
            : new TlsTrust { Kind = TlsTrustKind.System, RevocationsFile = revocations };
    }

    private static bool Contradicts(StatedTls stated, ClientTlsSettings settings, ref ClusterTls tls)
    {
        var (byName, hasFiles) = (Has(settings.CredentialName), Has(settings.ClientCertificate) || Has(settings.PrivateKey));
        var (field, problem) = stated.Mode switch
        {
            _ when byName && FirstOf(("clientCertificate", settings.ClientCertificate), ("privateKey", settings.PrivateKey), ("caCertificates", settings.CaCertificates), ("caCrl", settings.CaCrl)) is { } file =>
                (file, $"credentialName names an object that holds certificates, and {file} a file; only one of them can be meant"),
            _ when tls.SkipsVerification && FirstOf(("caCertificates", settings.CaCertificates), ("caCrl", settings.CaCrl), ("subjectAltNames", settings.SubjectAltNames.OrEmpty().FirstOrDefault())) is { } check =>
                (check, $"insecureSkipVerify has nothing verified, and {check} says by what to verify; only one of them can be meant"),
            TlsMode.Simple when tls.SkipsVerification && byName =>
                ("credentialName", "insecureSkipVerify has nothing verified, and credentialName names the authorities to verify by; only one of them can be meant"),
            TlsMode.Mutual when !byName && !Has(settings.ClientCertificate) => ("clientCertificate", "MUTUAL needs a client certificate: clientCertificate and privateKey, or credentialName"),
            TlsMode.Mutual when !byName && !Has(settings.PrivateKey) => ("privateKey", "MUTUAL needs the private key of the client certificate"),
            _ => ("", null),
        };
        if (problem is null)
        {
            if (stated.Mode == TlsMode.Simple && hasFiles)
            {
                At(stated, Has(settings.ClientCertificate) ? "clientCertificate" : "privateKey").Ignored("with SIMPLE the caller shows no certificate; MUTUAL shows it");
            }

            return false;
        }

        At(stated, field).Fault($"{problem}; calls are refused, and never sent in plaintext");
        tls = tls with { Fault = problem };
        return true;
    }

    private static string? FirstOf(params ReadOnlySpan<(string Name, string? Value)> fields)
    {
        foreach (var (name, value) in fields)
        {
            if (Has(value))
            {
                return name;
            }
        }

        return null;
    }

    private static bool IsUri(string name) => name.Contains("://", StringComparison.Ordinal);

    private static bool Has(string? text) => !string.IsNullOrEmpty(text);

    private static PolicyBlock At(StatedTls stated, string field) => stated.Block with { Path = $"{stated.Block.Path}.{field}" };
}
