using MeshSdk.Model;
using MeshSdk.Security;
using MeshSdk.Security.Policies;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshSdk.Tool.Explain;

/// <summary>
/// Tries the files that destination rules name for TLS, where the calls would be made: which of them are there is told by nothing else before the first call
/// is refused. They are read as calls read them.
/// </summary>
internal sealed class PolicyFiles(MeshSecurity security)
{
    public const string Code = "FileUnusable";

    private readonly PolicyMaterial _material = new(NullLogger.Instance);

    /// <summary>Those for calls to a service, and to the services that its routes lead to.</summary>
    public IEnumerable<ExplainedDiagnostic> Check(MeshSnapshot snapshot, ServiceId id)
    {
        var service = snapshot.Services.GetValueOrDefault(id);
        var called = (service?.Frontends ?? [])
            .SelectMany(static frontend => frontend.AllRules)
            .SelectMany(static rule => rule.Backends.Backends)
            .Where(static backend => backend.LeadsSomewhere)
            .Select(static backend => backend.Cluster)
            .Distinct();
        return called
            .SelectMany(one => snapshot.Services.GetValueOrDefault(one.ServiceId)?.Clusters.Where(cluster => cluster.Id == one) ?? [])
            .SelectMany(Check)
            .Distinct();
    }

    /// <summary>Those for calls to a cluster.</summary>
    public IEnumerable<ExplainedDiagnostic> Check(ClusterModel cluster)
    {
        if (security == MeshSecurity.Off || cluster.Tls is not { Fault: null, Mode: not TlsMode.Istio } tls)
        {
            yield break;
        }

        if (tls.Trust.AuthoritiesFile is not null && !tls.SkipsVerification && FaultOf(() => _material.AnchorsOf(tls.Trust)) is { } authorities)
        {
            yield return Unusable("caCertificates", authorities);
        }

        if (tls.Trust.RevocationsFile is not null && !tls.SkipsVerification && FaultOf(() => _material.RevocationsOf(tls.Trust)) is { } revocations)
        {
            yield return Unusable("caCrl", revocations);
        }

        // The two are read together. Where the certificate is there, it is the key that is not, or that is not its own.
        if (tls.Credential?.CertificateFile is { } certificate && FaultOf(() => _material.CredentialOf(tls.Credential)) is { } credential)
        {
            yield return Unusable(File.Exists(certificate) ? "privateKey" : "clientCertificate", credential);
        }

        ExplainedDiagnostic Unusable(string field, string fault) => new(
            "warning", Code, tls.Source, $"tls.{field}", $"{fault}. Calls to {cluster.Id.ServiceId} from here are answered with 503 UF until that is mended");
    }

    private static string? FaultOf(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (IdentityUnavailableException e)
        {
            return e.Message.TrimEnd('.');
        }
    }
}
