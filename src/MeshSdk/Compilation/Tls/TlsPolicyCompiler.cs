using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Tls;

/// <summary>Decides which BackendTLSPolicy counts for each port of a service, and reads it.</summary>
/// <param name="service">Whose ports they are.</param>
/// <param name="policies">Those that name the service, the oldest first.</param>
/// <param name="certificates">Where the ConfigMaps are that they trust.</param>
/// <param name="diagnostics">Where problems go.</param>
internal sealed class TlsPolicyCompiler(Service service, ImmutableArray<BackendTlsPolicy> policies, CertificateFinder certificates, DiagnosticList diagnostics)
{
    private readonly Dictionary<BackendTlsPolicy, ClusterTls> _compiled = new(ReferenceEqualityComparer.Instance);

    /// <summary>Null where none applies. One that names the port comes before one that names the whole service.</summary>
    public ClusterTls? Compile(ServicePort port)
    {
        var policy = Find(port);
        return policy is null ? null : _compiled.TryGetValue(policy, out var known) ? known : _compiled[policy] = Compile(policy);
    }

    /// <summary>Whether one applies.</summary>
    public bool Applies(ServicePort port) => Find(port) is not null;

    /// <summary>Says which references lose to older ones, or name no port.</summary>
    public void Report(ImmutableArray<ServicePort> ports)
    {
        foreach (var policy in policies)
        {
            for (var i = 0; i < policy.Targets.Length; i++)
            {
                var target = policy.Targets[i];
                if (policy.ServiceTarget(target) != service.ServiceId())
                {
                    continue;
                }

                var section = target.SectionName ?? "";
                if (!ReferenceEquals(Find(section), policy))
                {
                    diagnostics.Warning(
                        policy, DiagnosticCode.Conflicted, $"spec.targetRefs[{i}]",
                        $"{Find(section)} says it of {NameOf(section)} already and is older, so this one does not count there");
                }
                else if (section.Length > 0 && !ports.Any(port => port.Name == section))
                {
                    diagnostics.Warning(
                        policy, DiagnosticCode.TargetNotFound, $"spec.targetRefs[{i}].sectionName", $"Service {service.ServiceId()} has no TCP port named {section}");
                }
            }
        }
    }

    private string NameOf(string section) => section.Length == 0 ? $"Service {service.ServiceId()}" : $"port {section} of Service {service.ServiceId()}";

    private BackendTlsPolicy? Find(ServicePort port) => (string.IsNullOrEmpty(port.Name) ? null : Find(port.Name)) ?? Find("");

    /// <summary>The oldest policy that names the port, or the whole service where the name is empty.</summary>
    private BackendTlsPolicy? Find(string section)
    {
        foreach (var policy in policies)
        {
            foreach (var target in policy.Targets)
            {
                if (policy.ServiceTarget(target) == service.ServiceId() && (target.SectionName ?? "") == section)
                {
                    return policy;
                }
            }
        }

        return null;
    }

    private ClusterTls Compile(BackendTlsPolicy policy)
    {
        const string Path = "spec.validation";
        var validation = policy.Spec.Validation;
        var fault = FaultOfTrust(policy, validation, Path, out var trust);
        if (validation.Hostname.Length == 0)
        {
            fault ??= "it names no host to verify";
            diagnostics.Error(policy, DiagnosticCode.UnsupportedValue, $"{Path}.hostname", "a host name is needed, to be sent as SNI and to be verified");
        }

        var names = validation.SubjectAltNames.OrEmpty();
        for (var i = 0; i < names.Length; i++)
        {
            if (!IsValid(names[i]))
            {
                // One that is left out could leave none, and then another name than the one that is meant would do.
                fault ??= "one of its subjectAltNames cannot be read";
                diagnostics.Error(
                    policy, DiagnosticCode.UnsupportedValue, $"{Path}.subjectAltNames[{i}]", "a name is of type Hostname, with hostname, or of type URI, with uri");
            }
        }

        return new ClusterTls
        {
            Source = policy.ToString(),
            Mode = TlsMode.Simple,
            ServerName = validation.Hostname,
            DnsNames = [.. names.Where(static name => name is { Type: "Hostname", Hostname.Length: > 0 }).Select(static name => name.Hostname!)],
            Uris = [.. names.Where(static name => name is { Type: "URI", Uri.Length: > 0 }).Select(static name => name.Uri!)],
            Trust = trust,
            Fault = fault,
        };
    }

    private string? FaultOfTrust(BackendTlsPolicy policy, BackendTlsValidation validation, string path, out TlsTrust trust)
    {
        var references = validation.CaCertificateRefs.OrEmpty();
        var wellKnown = validation.WellKnownCACertificates;
        var found = new List<string>(references.Length);
        string? first = null;
        var isKnown = true;
        for (var i = 0; i < references.Length; i++)
        {
            var (authorities, code, problem) = FindAuthorities(policy, references[i]);
            if (problem is null)
            {
                found.Add(authorities!);
            }
            else
            {
                first ??= problem;
                isKnown &= code != DiagnosticCode.PolicyUnknown;
                diagnostics.Error(policy, code, $"{path}.caCertificateRefs[{i}]", problem);
            }
        }

        trust = references.IsEmpty ? TlsTrust.System : new TlsTrust { Kind = TlsTrustKind.Given, Authorities = string.Join('\n', found) };
        var fault = (references.IsEmpty, wellKnown) switch
        {
            (true, "System") => null,
            (false, null or "") => found.Count == 0 ? $"none of its caCertificateRefs can be used: {first}" : null,
            (true, null or "") => "it names no authority to trust; it needs either caCertificateRefs or wellKnownCACertificates: System",
            (true, _) => $"it trusts the authorities '{wellKnown}', which are not known; System is",
            _ => "it states caCertificateRefs and wellKnownCACertificates; only one of them can be meant",
        };
        if (fault is not null && isKnown)
        {
            diagnostics.Error(policy, DiagnosticCode.NoValidCACertificate, path, $"{fault}; calls to the Service are refused");
        }

        return fault;
    }

    /// <summary>What a reference leads to, or why it leads to nothing that can be used.</summary>
    private (string? Authorities, string Code, string? Problem) FindAuthorities(BackendTlsPolicy policy, CertificateReference? reference)
    {
        if (reference is not { Kind: MeshConfigMap.KindName, Group: "" })
        {
            return (null, DiagnosticCode.InvalidKind, $"certificates are read from a ConfigMap (key ca.crt), not from a {reference?.Kind}");
        }

        var key = new ResourceKey(MeshConfigMap.KindName, policy.Metadata.Namespace, reference.Name);
        var text = certificates.Find(key)?.CaCrt;
        return reference.Name.Length == 0 ? (null, DiagnosticCode.InvalidCACertificateRef, "the reference names no ConfigMap")
            : certificates.Find(key) is null ? (null, certificates.IsUnknown(key) is null ? DiagnosticCode.InvalidCACertificateRef : DiagnosticCode.PolicyUnknown, certificates.WhyNot(key))
            : string.IsNullOrWhiteSpace(text) ? (null, DiagnosticCode.InvalidCACertificateRef, $"{key} has no key ca.crt")
            : PemCheck.FaultOfAuthorities(text) is { } fault ? (null, DiagnosticCode.InvalidCACertificateRef, $"{key} {fault} under ca.crt")
            : (text, "", null);
    }

    private static bool IsValid(BackendSubjectAltName? name) => name is { Type: "Hostname", Hostname.Length: > 0 } or { Type: "URI", Uri.Length: > 0 };
}
