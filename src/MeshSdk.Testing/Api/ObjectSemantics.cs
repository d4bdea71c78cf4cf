using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Discovery;
using MeshSdk.Testing.Patching;
using MeshSdk.Testing.Protobuf;
using MeshSdk.Testing.Schemas;
using MeshSdk.Testing.Tables;

namespace MeshSdk.Testing.Api;

/// <summary>The kinds and rules of Kubernetes.</summary>
internal sealed class ObjectSemantics : IObjectSemantics
{
    private readonly ResourceRegistry _registry;
    private readonly OpenApiDocuments _openApi;

    public ObjectSemantics()
    {
        _registry = new();
        _openApi = new(_registry);
    }

    public ImmutableArray<ResourceType> Types => _registry.All;

    public long Revision => _registry.Revision;

    public ReadOnlyMemory<byte> OpenApiIndex => _openApi.Index;

    public bool TryFind(string group, string version, string plural, [NotNullWhen(true)] out ResourceType? type) =>
        _registry.TryFind(group, version, plural, out type);

    public void Define(JsonObject definition) => _registry.Add(definition);

    public void Undefine(string name) => _registry.Remove(name);

    public IReadOnlyList<string> Prepare(ResourceType type, JsonObject content, FieldValidation validation) =>
        ObjectSchema.Prepare(type, content, validation);

    public JsonObject Patch(ResourceType type, string mediaType, JsonObject current, ReadOnlyMemory<byte> patch) =>
        ObjectPatch.Apply(type, mediaType, current, patch);

    public JsonObject Apply(ResourceType type, JsonObject? current, JsonObject applied, string manager, bool force, string subresource, DateTimeOffset now) =>
        ServerSideApply.Apply(type, current, applied, manager, force, subresource, now);

    public void Track(ResourceType type, JsonObject? before, JsonObject after, string manager, string subresource, DateTimeOffset now) =>
        ServerSideApply.Track(type, before, after, manager, subresource, now);

    public void WriteTable(
        Utf8JsonWriter writer, ResourceType type, IEnumerable<JsonObject> items, IncludeObject include, bool withColumns, JsonObject listMetadata,
        DateTimeOffset now) => TableWriter.Write(writer, type, items, include, withColumns, listMetadata, now);

    public JsonObject DecodeProtobuf(ReadOnlyMemory<byte> body) => ProtobufBody.Decode(body);

    public ReadOnlyMemory<byte>? OpenApi(string group, string version) => _openApi.Find(group, version);
}
