using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MeshSdk.Resources;

/// <summary>A route of any kind: where it hangs, and rules that lead to backends.</summary>
internal abstract record RouteResource : Resource
{
    /// <summary>As written; a list that is left out is empty.</summary>
    [JsonIgnore]
    public abstract ImmutableArray<ParentReference> Parents { get; }

    /// <summary>As written; a list that is left out is empty.</summary>
    [JsonIgnore]
    public abstract ImmutableArray<RouteRuleResource> WrittenRules { get; }

    /// <summary>As written; a list that is left out is empty.</summary>
    [JsonIgnore]
    public abstract ImmutableArray<string> WrittenHostnames { get; }
}

/// <summary>What the rules of all kinds of routes have. The kinds differ in how a rule matches.</summary>
internal abstract record RouteRuleResource
{
    public string? Name { get; init; }

    public ImmutableArray<HttpRouteFilter>? Filters { get; init; }

    public ImmutableArray<HttpBackendRef>? BackendRefs { get; init; }

    public JsonElement? SessionPersistence { get; init; }
}
