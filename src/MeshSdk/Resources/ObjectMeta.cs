using System.Collections.Immutable;

namespace MeshSdk.Resources;

internal sealed record ObjectMeta
{
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Readers fill in <c>default</c> where an object states none.</summary>
    public string Namespace { get; init => field = value ?? ""; } = "";

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    public DateTimeOffset? CreationTimestamp { get; init; }

    public Dictionary<string, string>? Labels { get; init; }

    public Dictionary<string, string>? Annotations { get; init; }

    public ImmutableArray<OwnerReference>? OwnerReferences { get; init; }
}

internal sealed record OwnerReference
{
    public string? Kind { get; init; }

    public string? Name { get; init; }

    public bool? Controller { get; init; }
}
