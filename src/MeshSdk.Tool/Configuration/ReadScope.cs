namespace MeshSdk.Tool.Configuration;

/// <summary>How much of a live cluster a command needs. Manifests are always read as a whole.</summary>
internal sealed record ReadScope
{
    /// <summary>Everything there is.</summary>
    public static ReadScope Cluster { get; } = new();

    private ReadScope()
    {
    }

    /// <summary>Null: all of them.</summary>
    public IReadOnlyCollection<string>? Namespaces { get; private init; }

    /// <summary>Whether the namespaces that routes lead to belong to it too.</summary>
    public bool FollowRoutes { get; private init; }

    /// <summary>Namespaces, and those that their routes lead to: all that decides about calls to their services.</summary>
    public static ReadScope CallsTo(IEnumerable<string> namespaces) => new() { Namespaces = [.. namespaces.Distinct()], FollowRoutes = true };

    /// <summary>Namespaces and nothing else.</summary>
    public static ReadScope Only(params IEnumerable<string> namespaces) => new() { Namespaces = [.. namespaces.Distinct()] };
}
