using System.Collections.Immutable;
using System.Text.Json;

namespace MeshSdk.Model;

/// <summary>Which policy objects shaped a cluster, and what they state; kept so that people can be told.</summary>
/// <param name="Name">The policy's namespace and name, of several that count as one those of the oldest; null where none applies.</param>
/// <param name="TlsMode">The mode that the policy states, in its own words; null where it states none.</param>
/// <param name="OutlierDetection">The block as written, by whoever decides it; null where nobody states one.</param>
/// <param name="ConnectionPool">The block as written, by whoever decides it; null where nobody states one.</param>
internal sealed record ClusterPolicy(ServiceId? Name, string? TlsMode, JsonElement? OutlierDetection, JsonElement? ConnectionPool)
{
    public static ClusterPolicy None { get; } = new(null, null, null, null);

    /// <summary>The policies that count as one, the oldest first; empty where none applies.</summary>
    public ImmutableArray<ServiceId> Merged { get; init; } = [];

    public bool StatesLoadBalancer { get; init; }

    /// <summary>In the order written. They decide nothing: no route can address one.</summary>
    public ImmutableArray<PolicySubset> Subsets { get; init; } = [];
}

/// <summary>A named part of a host's endpoints.</summary>
/// <param name="Name">Unique for its host.</param>
/// <param name="Labels">Of the endpoints that belong to it, in order of their names; all do where there are none.</param>
internal sealed record PolicySubset(string Name, ImmutableArray<KeyValuePair<string, string>> Labels);
