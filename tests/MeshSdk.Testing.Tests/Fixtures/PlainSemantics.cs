using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Schemas;
using MeshSdk.Testing.Tables;

namespace MeshSdk.Testing.Tests.Fixtures;

/// <summary>
/// A few kinds without schemas, for tests of what the server does whatever objects say: no defaults, no pruning but of a field named <c>unknown</c>, merge patches
/// only, and field managers that own whole specs.
/// </summary>
internal sealed class PlainSemantics : IObjectSemantics
{
    private ImmutableArray<ResourceType> _types =
    [
        Core("Namespace", isNamespaced: false, hasStatus: true),
        Core("Service", shortName: "svc", hasStatus: true),
        Core("Pod", shortName: "po", hasStatus: true),
        Core("ConfigMap", shortName: "cm"),
        Core("ServiceAccount"),
        Core("Event"),
        New("discovery.k8s.io", "v1", "EndpointSlice"),
        New("apiextensions.k8s.io", "v1", "CustomResourceDefinition", isNamespaced: false, hasStatus: true),
        New("gateway.networking.k8s.io", "v1", "HTTPRoute", hasStatus: true, isCustom: true),
        New("gateway.networking.k8s.io", "v1beta1", "HTTPRoute", hasStatus: true, isCustom: true),
    ];

    public ImmutableArray<ResourceType> Types => _types;

    public long Revision { get; private set; }

    public ReadOnlyMemory<byte> OpenApiIndex => "{\"paths\":{}}"u8.ToArray();

    public bool TryFind(string group, string version, string plural, [NotNullWhen(true)] out ResourceType? type)
    {
        type = _types.FirstOrDefault(type => type.Group == group && type.Version == version && type.Plural == plural);
        return type is not null;
    }

    public void Define(JsonObject definition)
    {
        var spec = definition["spec"]!;
        _types = _types.Add(New(
            (string)spec["group"]!, (string)spec["versions"]![0]!["name"]!, (string)spec["names"]!["kind"]!, isCustom: true));
        Revision++;
    }

    public void Undefine(string name)
    {
        _types = _types.RemoveAll(type => type.QualifiedPlural == name);
        Revision++;
    }

    public IReadOnlyList<string> Prepare(ResourceType type, JsonObject content, FieldValidation validation)
    {
        if (content["spec"] is not JsonObject spec || !spec.Remove("unknown"))
        {
            return [];
        }

        return validation switch
        {
            FieldValidation.Strict => throw ApiException.BadRequest("strict decoding error: unknown field \"spec.unknown\""),
            FieldValidation.Warn => ["unknown field \"spec.unknown\""],
            _ => [],
        };
    }

    public JsonObject Patch(ResourceType type, string mediaType, JsonObject current, ReadOnlyMemory<byte> patch) =>
        mediaType is "application/merge-patch+json" or "application/strategic-merge-patch+json"
            ? Merge(current.DeepClone(), JsonNode.Parse(patch.Span))!.AsObject()
            : throw ApiException.UnsupportedMediaType(mediaType);

    public JsonObject Apply(
        ResourceType type, JsonObject? current, JsonObject applied, string manager, bool force, string subresource, DateTimeOffset now)
    {
        var part = subresource == "status" ? "status" : "spec";
        var owner = Managers(current).FirstOrDefault(other => (string)other["part"]! == part && (string)other["manager"]! != manager);
        if (owner is not null && !force && applied[part] is { } wanted && !JsonNode.DeepEquals(wanted, current![part]))
        {
            throw new ApiException(409, "Conflict", $"Apply failed with 1 conflict: conflict with \"{owner["manager"]}\": .{part}");
        }

        var merged = Merge(current?.DeepClone() ?? new JsonObject(), applied.DeepClone())!.AsObject();
        Note(merged, current, manager, "Apply", part, now);
        return merged;
    }

    public void Track(ResourceType type, JsonObject? before, JsonObject after, string manager, string subresource, DateTimeOffset now) =>
        Note(after, before, manager, "Update", subresource == "status" ? "status" : "spec", now);

    public void WriteTable(
        Utf8JsonWriter writer, ResourceType type, IEnumerable<JsonObject> items, IncludeObject include, bool withColumns, JsonObject listMetadata,
        DateTimeOffset now) => new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = listMetadata.DeepClone(),
            ["columnDefinitions"] = withColumns ? new JsonArray(new JsonObject { ["name"] = "Name", ["type"] = "string" }) : null,
            ["rows"] = new JsonArray([.. items.Select(item => new JsonObject { ["cells"] = new JsonArray((string)item["metadata"]!["name"]!) })]),
        }.WriteTo(writer);

    public JsonObject DecodeProtobuf(ReadOnlyMemory<byte> body) => throw ApiException.UnsupportedMediaType("protobuf");

    public ReadOnlyMemory<byte>? OpenApi(string group, string version) => null;

    private static ResourceType Core(string kind, bool isNamespaced = true, bool hasStatus = false, string? shortName = null) =>
        New("", "v1", kind, isNamespaced, hasStatus) with { ShortNames = shortName is null ? [] : [shortName] };

    private static ResourceType New(string group, string version, string kind, bool isNamespaced = true, bool hasStatus = false, bool isCustom = false) => new()
    {
        Group = group,
        Version = version,
        Kind = kind,
        Plural = kind.ToLowerInvariant() + "s",
        Singular = kind.ToLowerInvariant(),
        IsNamespaced = isNamespaced,
        HasStatus = hasStatus,
        IsCustom = isCustom,
        Schema = new SchemaNode(),
    };

    private static JsonNode? Merge(JsonNode? current, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var merged = current as JsonObject ?? [];
        foreach (var (name, value) in changes)
        {
            merged.Remove(name, out var before);
            if (value is not null)
            {
                merged[name] = Merge(before, value);
            }
        }

        return merged;
    }

    private static IEnumerable<JsonObject> Managers(JsonObject? content) =>
        (content?["metadata"]?["managedFields"] as JsonArray)?.OfType<JsonObject>() ?? [];

    private static void Note(JsonObject after, JsonObject? before, string manager, string operation, string part, DateTimeOffset now)
    {
        if (before is not null && JsonNode.DeepEquals(before[part], after[part]) && operation == "Update")
        {
            return;
        }

        var kept = Managers(after).Where(other => (string)other["part"]! != part).Select(other => other.DeepClone());
        after["metadata"]!["managedFields"] = new JsonArray(
        [
            .. kept,
            new JsonObject { ["manager"] = manager, ["operation"] = operation, ["part"] = part, ["time"] = now.ToString("O") },
        ]);
    }
}
