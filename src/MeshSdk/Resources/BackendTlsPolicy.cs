using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace MeshSdk.Resources;

/// <summary>How to do TLS with a backend.</summary>
internal sealed record BackendTlsPolicy : PolicyResource
{
    public override string Group => "gateway.networking.k8s.io";
    public override string Kind => "BackendTLSPolicy";

    public BackendTlsPolicySpec Spec { get; init => field = value ?? new(); } = new();

    [JsonIgnore]
    public override ImmutableArray<PolicyTargetReference> Targets => Spec.TargetRefs.OrEmpty();
}

internal sealed record BackendTlsPolicySpec
{
    public ImmutableArray<PolicyTargetReference>? TargetRefs { get; init; }

    public BackendTlsValidation Validation { get; init => field = value ?? new(); } = new();
}

/// <summary>Who the backend has to prove to be, and to whom it must be known.</summary>
internal sealed record BackendTlsValidation
{
    public ImmutableArray<CertificateReference>? CaCertificateRefs { get; init; }

    /// <summary><c>System</c>: the roots that the process trusts anyway.</summary>
    public string? WellKnownCACertificates { get; init; }

    /// <summary>Sent as SNI; the name to be proved, where no other names are listed.</summary>
    public string Hostname { get; init => field = value ?? ""; } = "";

    /// <summary>Any one of them is to be proved.</summary>
    public ImmutableArray<BackendSubjectAltName>? SubjectAltNames { get; init; }
}

/// <summary>An object of the policy's own namespace that holds certificates.</summary>
internal sealed record CertificateReference
{
    /// <summary>Empty for the core group.</summary>
    public string Group { get; init => field = value ?? ""; } = "";

    public string Kind { get; init => field = value ?? ""; } = "";

    public string Name { get; init => field = value ?? ""; } = "";
}

internal sealed record BackendSubjectAltName
{
    /// <summary>Hostname or URI.</summary>
    public string Type { get; init => field = value ?? ""; } = "";

    public string? Hostname { get; init; }

    public string? Uri { get; init; }
}
