using System.Collections.Immutable;

namespace MeshSdk.Resources;

/// <summary>What endpoints do not say of the pod behind them: whose it is, and which workload it belongs to.</summary>
internal sealed record Pod : Resource
{
    public override string Group => "";
    public override string Kind => "Pod";

    /// <summary>Which TLS the pod can do, as the sidecar injector states it: <c>istio</c>.</summary>
    public const string TlsModeLabel = "security.istio.io/tlsMode";

    /// <summary>Set to <c>enabled</c> where the node captures what goes to the pod.</summary>
    public const string RedirectionAnnotation = "ambient.istio.io/redirection";

    public PodSpec Spec { get; init => field = value ?? new(); } = new();

    public PodStatus Status { get; init => field = value ?? new(); } = new();
}

internal sealed record PodSpec
{
    /// <summary><c>default</c> where unset.</summary>
    public string? ServiceAccountName { get; init; }

    public string? NodeName { get; init; }

    /// <summary>Which of its containers belong to a mesh; null where it does not list any, as files may.</summary>
    public PodProxies? Containers { get; init; }

    /// <summary>The same of those that start before the others, where sidecars may be too.</summary>
    public PodProxies? InitContainers { get; init; }
}

internal sealed record PodStatus
{
    public ImmutableArray<PodIP>? PodIPs { get; init; }
}

internal sealed record PodIP
{
    public string? Ip { get; init; }
}
