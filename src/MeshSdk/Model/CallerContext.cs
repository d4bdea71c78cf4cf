using System.Collections.ObjectModel;

namespace MeshSdk.Model;

/// <summary>Who calls: short names resolve, consumer routes apply and policies select from this viewpoint.</summary>
internal sealed record CallerContext
{
    /// <summary>Where Istio is installed by default.</summary>
    public const string DefaultRootNamespace = "istio-system";

    public string Namespace { get; init; } = "default";

    public IReadOnlyDictionary<string, string> Labels { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Whether <see cref="Labels"/> are all that its pod has; else it may have others beside them.</summary>
    public bool KnowsAllLabels { get; init; } = true;

    /// <summary>Null: that of its node or pod, where those are known; else the caller has no preference.</summary>
    public Locality? Locality { get; init; }

    /// <summary>The caller's own IP address; null where it is not known.</summary>
    public string? Address { get; init; }

    /// <summary>The name of the node that it runs on; null where that is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The name of its pod, which is in its namespace; null where that is not known, or where it runs in none.</summary>
    public string? Pod { get; init; }

    public string ClusterDomain { get; init; } = "cluster.local";

    public string TrustDomain { get; init; } = "cluster.local";

    /// <summary>Whether the process itself says which it is, so that nothing else is asked.</summary>
    public bool StatesTrustDomain { get; init; }

    public string RootNamespace { get; init; } = DefaultRootNamespace;

    /// <summary>Whether the process itself says which it is, so that nothing else is asked.</summary>
    public bool StatesRootNamespace { get; init; }

    /// <summary>What else handles its traffic; null: to be found out from its pod.</summary>
    public LocalProxy? Proxy { get; init; }

    /// <summary>Whether services may be called past the proxy that their policies are kept to in, where it cannot be reached.</summary>
    public bool AllowsWaypointBypass { get; init; }

    /// <summary>Whether policies that do not say for whom they are are for their own namespace alone.</summary>
    public bool HidesRules { get; init; }

    /// <summary>Whether its pod has a label with a value; null: not known. A label has one value, so that one with another is known not to have this one.</summary>
    public bool? HasLabel(string name, string value) =>
        Labels.TryGetValue(name, out var actual) ? actual == value : KnowsAllLabels ? false : null;
}
