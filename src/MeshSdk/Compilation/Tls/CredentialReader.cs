using MeshSdk.Compilation.Policies;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Tls;

/// <summary>What the object holds that a <c>credentialName</c> names: authorities, and for MUTUAL also what the caller shows of itself.</summary>
/// <param name="certificates">Where objects are found.</param>
/// <param name="callerNamespace">The namespace that they are looked for in, as a proxy looks in its own.</param>
internal sealed class CredentialReader(CertificateFinder certificates, string callerNamespace)
{
    /// <param name="tls">What is known of the TLS so far.</param>
    /// <param name="name">As written, not empty.</param>
    /// <param name="field">Where it stands.</param>
    public ClusterTls Read(ClusterTls tls, string name, PolicyBlock field)
    {
        if (CertificateReferences.Parse(name) is not var (kind, found))
        {
            return Fail(tls, field, $"'{name}' names no object that is read; the name of a Secret, or configmap:// and that of a ConfigMap, is expected");
        }

        var key = new ResourceKey(kind, callerNamespace, found);
        if (tls.Mode == TlsMode.Mutual && kind != CertificateSecret.KindName)
        {
            return Fail(tls, field, $"{key} can hold authorities, but no private key, which MUTUAL needs; name a Secret");
        }

        var data = certificates.Find(key);
        if (tls.Mode == TlsMode.Mutual)
        {
            if (data is null)
            {
                return Miss(tls, field, key);
            }

            var credential = data.Credential;
            if (FaultOfCredential(data) is { } problem)
            {
                if (LastGood(key, FaultOfCredential) is not { } last)
                {
                    return Fail(tls, field, $"{key} {problem}");
                }

                Keep(field, $"{key} {problem}");
                credential = last.Credential;
            }

            tls = tls with { Credential = credential };
        }

        return tls.SkipsVerification ? tls : WithTrust(tls, key, data, field);
    }

    private ClusterTls WithTrust(ClusterTls tls, ResourceKey key, CertificateData? data, PolicyBlock field)
    {
        // As istiod looks for them: in a Secret of their own first.
        var own = key with { Name = key.Name + CertificateReferences.AuthoritySuffix };
        if (key.Kind == CertificateSecret.KindName && certificates.Find(own) is { } separate)
        {
            (key, data) = (own, separate);
        }

        if (data is null)
        {
            return Miss(tls, field, key);
        }

        if (FaultOfAuthorities(data) is { } problem)
        {
            data = LastGood(key, FaultOfAuthorities);
            if (data is null)
            {
                return Fail(tls, field, $"{key} {problem}");
            }

            Keep(field, $"{key} {problem}");
        }

        return tls with { Trust = new TlsTrust { Kind = TlsTrustKind.Given, Authorities = data.Authorities, Revocations = data.Revocations } };
    }

    private CertificateData? LastGood(ResourceKey key, Func<CertificateData, string?> faultOf) =>
        certificates.FindGood(key) is { } last && faultOf(last) is null ? last : null;

    private static string? FaultOfCredential(CertificateData data) =>
        data.Credential is not { } credential ? "holds no certificate with its private key (tls.crt and tls.key, or cert and key)" : PemCheck.FaultOf(credential);

    private static string? FaultOfAuthorities(CertificateData data) =>
        data.Authorities is not { } authorities ? "holds no authority to trust (ca.crt or cacert)"
        : PemCheck.FaultOfAuthorities(authorities) is { } problem ? $"{problem} (ca.crt or cacert)"
        : null;

    private ClusterTls Miss(ClusterTls tls, PolicyBlock field, ResourceKey key)
    {
        var problem = certificates.WhyNot(key);
        if (certificates.IsUnknown(key) is null)
        {
            return Fail(tls, field, problem);
        }

        field.Diagnostics.Error(field.Subject, DiagnosticCode.PolicyUnknown, field.Path, problem);
        return tls with { Fault = problem };
    }

    private static void Keep(PolicyBlock field, string problem) => field.Fault($"{problem}; its last good version is used until that is mended");

    private static ClusterTls Fail(ClusterTls tls, PolicyBlock field, string problem)
    {
        field.Fault($"{problem}; calls are refused until that is mended, and never sent in plaintext");
        return tls with { Fault = problem };
    }
}
