using System.Text.Json;
using System.Text.Json.Serialization;

namespace MeshSdk.Kubernetes.Snapshots;

/// <summary>A snapshot as the file has it. Objects are read one by one afterwards, since how depends on their set.</summary>
internal sealed record SnapshotDocument
{
    public const int CurrentSchema = 1;

    public int Schema { get; init; }

    public string? Server { get; init; }

    public string? Namespace { get; init; }

    public DateTimeOffset Time { get; init; }

    public List<SavedSet>? Sets { get; init; }

    public List<SavedScope>? Unknown { get; init; }
}

/// <summary>One set of a <see cref="SnapshotDocument"/>.</summary>
internal sealed record SavedSet
{
    public string? Resource { get; init; }

    public string? Namespace { get; init; }

    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    /// <summary>The name of the service that it was followed for.</summary>
    public string? Service { get; init; }

    public DateTimeOffset AsOf { get; init; }

    public List<JsonElement>? Objects { get; init; }
}

/// <summary>What was not known, for people who read the file and for what is told while it is served.</summary>
internal sealed record SavedScope(string Kind, string? Namespace, string? Name, string Reason);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 160)]
[JsonSerializable(typeof(SnapshotDocument))]
[JsonSerializable(typeof(SavedScope))]
internal sealed partial class SnapshotJsonContext : JsonSerializerContext;
