using System.Collections.ObjectModel;

namespace MeshSdk.Model;

/// <summary>Who calls: short names resolve, consumer routes apply and policies select from this viewpoint.</summary>
internal sealed record CallerContext
{
    public string Namespace { get; init; } = "default";

    public IReadOnlyDictionary<string, string> Labels { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Null: that of its node or pod, where those are known; else the caller has no preference.</summary>
    public Locality? Locality { get; init; }

    /// <summary>The name of the node that it runs on; null where that is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The name of its pod, which is in its namespace; null where that is not known, or where it runs in none.</summary>
    public string? Pod { get; init; }

    public string ClusterDomain { get; init; } = "cluster.local";

    public string TrustDomain { get; init; } = "cluster.local";

    public string RootNamespace { get; init; } = "istio-system";
}
