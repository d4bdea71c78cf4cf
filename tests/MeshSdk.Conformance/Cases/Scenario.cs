using MeshSdk.Conformance.Cluster;

namespace MeshSdk.Conformance.Cases;

/// <summary>A test of the suite: objects, and the cases that they have to satisfy.</summary>
/// <param name="Name">The test's name.</param>
/// <param name="Feature">The feature that it proves, as pkg/features of the Gateway API names it.</param>
internal sealed record Scenario(string Name, string Feature)
{
    /// <summary>Files in the order in which they are applied.</summary>
    public IReadOnlyList<string> Manifests { get; init; } = [];

    public required IReadOnlyList<Case> Cases { get; init; }

    /// <summary>What URLs without a host begin with.</summary>
    public string Origin { get; init; } = "http://echo";

    /// <summary>Where callers are that say nothing else.</summary>
    public string CallerNamespace { get; init; } = Names.Mesh;

    public string BackendNamespace { get; init; } = Names.Mesh;

    /// <summary>What servers are spoken to in; null: what the caller speaks.</summary>
    public string? Protocol { get; init; }

    /// <summary>Whether all objects are as old as each other.</summary>
    public bool SameAge { get; init; }

    /// <summary>How much the calling applications follow.</summary>
    public MeshKubernetesScope Scope { get; init; } = MeshKubernetesScope.OnDemand;

    /// <summary>Kinds that the API server does not have, by the names of their definitions.</summary>
    public IReadOnlyList<string> NotInstalled { get; init; } = [];

    /// <summary>Settings of the calling applications, by their configuration keys.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>The HTTP versions that its cases are run in.</summary>
    public IReadOnlyList<string> Versions { get; init; } = ["1.1", "2.0"];

    public override string ToString() => Name;
}
