using System.Collections.Immutable;

namespace MeshSdk.Resources;

/// <summary>Lets objects of other namespaces refer to objects of its own namespace.</summary>
internal sealed record ReferenceGrant : Resource
{
    public override string Group => "gateway.networking.k8s.io";
    public override string Kind => "ReferenceGrant";

    public ReferenceGrantSpec Spec { get; init => field = value ?? new(); } = new();
}

/// <summary>Whoever is in <see cref="From"/> may refer to whatever is in <see cref="To"/>.</summary>
internal sealed record ReferenceGrantSpec
{
    public ImmutableArray<ReferenceGrantFrom>? From { get; init; }

    public ImmutableArray<ReferenceGrantTo>? To { get; init; }
}

internal sealed record ReferenceGrantFrom
{
    public string Group { get; init => field = value ?? ""; } = "";

    public string Kind { get; init => field = value ?? ""; } = "";

    public string Namespace { get; init => field = value ?? ""; } = "";
}

internal sealed record ReferenceGrantTo
{
    /// <summary>Empty for the core group.</summary>
    public string Group { get; init => field = value ?? ""; } = "";

    public string Kind { get; init => field = value ?? ""; } = "";

    /// <summary>Unset: all of the kind.</summary>
    public string? Name { get; init; }
}
