using MeshSdk.Model;

namespace MeshSdk.Compilation.Policies;

/// <summary>What the ConfigMap of the mesh states. Null is what it does not.</summary>
internal sealed record MeshConfig
{
    public static MeshConfig Empty { get; } = new();

    public string? RootNamespace { get; init; }

    /// <summary>Destination rules that say nothing of <c>exportTo</c> are for their own namespace alone.</summary>
    public bool HidesRules { get; init; }

    /// <summary>What Istio's proxies do where a route says nothing of retries; attempts of zero are none at all.</summary>
    public RouteRetry? Retry { get; init; }

    public TimeSpan? ConnectTimeout { get; init; }

    public string? TrustDomain { get; init; }

    /// <summary>All that the data plane needs to know, but for the trust domain, which an option may override.</summary>
    public MeshSettings Settings { get; init; } = MeshSettings.Default;

    /// <summary>All but <see cref="ConnectTimeout"/>.</summary>
    public MeshDefaults Defaults { get; init; } = MeshDefaults.None;
}
