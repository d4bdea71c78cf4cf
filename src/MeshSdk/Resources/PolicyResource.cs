using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace MeshSdk.Resources;

/// <summary>A policy that names what it applies to.</summary>
internal abstract record PolicyResource : Resource
{
    /// <summary>As written; a list that is left out is empty.</summary>
    [JsonIgnore]
    public abstract ImmutableArray<PolicyTargetReference> Targets { get; }
}

/// <summary>An object of the policy's own namespace.</summary>
internal sealed record PolicyTargetReference
{
    /// <summary>Empty for the core group.</summary>
    public string Group { get; init => field = value ?? ""; } = "";

    public string Kind { get; init => field = value ?? ""; } = "";

    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Of a Service, the name of one of its ports; unset: all of it.</summary>
    public string? SectionName { get; init; }
}
