using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Schemas;

/// <summary>A structural schema, as a CRD's <c>openAPIV3Schema</c> states it: what prunes, defaults, validates and merges.</summary>
internal sealed record SchemaNode
{
    /// <summary>object, array, string, integer, number or boolean; empty for what is not looked into.</summary>
    public string Type { get; init; } = "";

    public string Description { get; init; } = "";

    /// <summary>Shared by all: clone before putting it into an object.</summary>
    public JsonNode? Default { get; init; }

    public ImmutableSortedDictionary<string, SchemaNode> Properties { get; init; } = ImmutableSortedDictionary<string, SchemaNode>.Empty;

    /// <summary>Of the values of a map.</summary>
    public SchemaNode? AdditionalProperties { get; init; }

    public SchemaNode? Items { get; init; }

    public ImmutableArray<string> Required { get; init; } = [];

    /// <summary><c>x-kubernetes-preserve-unknown-fields</c>.</summary>
    public bool PreserveUnknownFields { get; init; }

    /// <summary><c>x-kubernetes-int-or-string</c>.</summary>
    public bool IntOrString { get; init; }

    /// <summary><c>x-kubernetes-list-type</c>: atomic, set or map; empty means atomic.</summary>
    public string ListType { get; init; } = "";

    /// <summary><c>x-kubernetes-list-map-keys</c>.</summary>
    public ImmutableArray<string> ListMapKeys { get; init; } = [];

    /// <summary><c>x-kubernetes-map-type</c>: granular or atomic; empty means granular.</summary>
    public string MapType { get; init; } = "";

    /// <summary><c>x-kubernetes-patch-merge-key</c> of a built-in list: how a strategic merge patch finds its items.</summary>
    public string PatchMergeKey { get; init; } = "";

    /// <summary>Whether null is a value.</summary>
    public bool Nullable { get; init; }

    /// <summary>All of these have to hold, too.</summary>
    public ImmutableArray<SchemaNode> AllOf { get; init; } = [];

    public ImmutableArray<SchemaNode> AnyOf { get; init; } = [];

    public ImmutableArray<SchemaNode> OneOf { get; init; } = [];

    public SchemaNode? Not { get; init; }

    /// <summary>The rest of the schema as written (enum, pattern, minimum, maxLength, format, …), for validation and for OpenAPI.</summary>
    public JsonObject? Facets { get; init; }

    /// <summary>Whether the fields of an object are given by name, so that others are typos.</summary>
    public bool IsClosed => AdditionalProperties is null && !PreserveUnknownFields;

    /// <summary>The schema of a field; null where there is none.</summary>
    public SchemaNode? Field(string name) => Properties.TryGetValue(name, out var field) ? field : AdditionalProperties;
}
