using MeshSdk.Model;

namespace MeshSdk.Resources;

/// <summary>Which mutual TLS the pods of a namespace, or of the whole mesh, ask of those who call them.</summary>
internal sealed record PeerAuthentication : Resource
{
    public override string Group => "security.istio.io";
    public override string Kind => KindName;

    public const string KindName = "PeerAuthentication";

    public PeerAuthenticationSpec Spec { get; init => field = value ?? new(); } = new();

    /// <summary>Whether it is for some pods of its namespace; one without labels to go by is for all of them.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool HasSelector => Spec.Selector?.MatchLabels is { Count: > 0 };

    /// <summary>Whether it is for a pod with these labels, in its own namespace.</summary>
    public bool Selects(Dictionary<string, string>? labels)
    {
        foreach (var (name, value) in Spec.Selector?.MatchLabels ?? [])
        {
            if (labels is null || !labels.TryGetValue(name, out var actual) || actual != value)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether it is for the own pod of a process; null: not known.</summary>
    public bool? Selects(CallerContext own)
    {
        bool? selects = true;
        foreach (var (name, value) in Spec.Selector?.MatchLabels ?? [])
        {
            switch (own.HasLabel(name, value))
            {
                case false:
                    return false;
                case null:
                    selects = null;
                    break;
            }
        }

        return selects;
    }
}

internal sealed record PeerAuthenticationSpec
{
    public WorkloadSelector? Selector { get; init; }

    public PeerMutualTls? Mtls { get; init; }

    /// <summary>By the number of a port of the pod, not of a Service. Means something beside a <see cref="Selector"/> only.</summary>
    public Dictionary<string, PeerMutualTls?>? PortLevelMtls { get; init; }
}

internal sealed record PeerMutualTls
{
    /// <summary>The mode of a policy that is there and cannot be read; it may have been STRICT.</summary>
    public const string Unreadable = "UNREADABLE";

    /// <summary>UNSET (also where it is not stated), DISABLE, PERMISSIVE or STRICT.</summary>
    public string? Mode { get; init; }
}
