using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Schemas;
using MeshSdk.Testing.Tables;

namespace MeshSdk.Testing.Api;

/// <summary>
/// All that the server has to know of kinds and their content, in one place: storage, watches and HTTP treat objects as opaque, and are tested so.
/// </summary>
internal interface IObjectSemantics
{
    /// <summary>As <see cref="ResourceRegistry.All"/>.</summary>
    ImmutableArray<ResourceType> Types { get; }

    /// <summary>As <see cref="ResourceRegistry.Revision"/>.</summary>
    long Revision { get; }

    /// <summary>As <see cref="Discovery.OpenApiDocuments.Index"/>.</summary>
    ReadOnlyMemory<byte> OpenApiIndex { get; }

    bool TryFind(string group, string version, string plural, [NotNullWhen(true)] out ResourceType? type);

    /// <summary>As <see cref="ResourceRegistry.Add"/>.</summary>
    void Define(JsonObject definition);

    /// <summary>As <see cref="ResourceRegistry.Remove"/>.</summary>
    void Undefine(string name);

    /// <summary>As <see cref="ObjectSchema.Prepare"/>.</summary>
    IReadOnlyList<string> Prepare(ResourceType type, JsonObject content, FieldValidation validation);

    /// <summary>As <see cref="Patching.ObjectPatch.Apply"/>.</summary>
    JsonObject Patch(ResourceType type, string mediaType, JsonObject current, ReadOnlyMemory<byte> patch);

    /// <summary>As <see cref="Patching.ServerSideApply.Apply"/>.</summary>
    JsonObject Apply(ResourceType type, JsonObject? current, JsonObject applied, string manager, bool force, string subresource, DateTimeOffset now);

    /// <summary>As <see cref="Patching.ServerSideApply.Track"/>.</summary>
    void Track(ResourceType type, JsonObject? before, JsonObject after, string manager, string subresource, DateTimeOffset now);

    /// <summary>As <see cref="TableWriter.Write"/>.</summary>
    void WriteTable(
        Utf8JsonWriter writer, ResourceType type, IEnumerable<JsonObject> items, IncludeObject include, bool withColumns, JsonObject listMetadata,
        DateTimeOffset now);

    /// <summary>As <see cref="Protobuf.ProtobufBody.Decode"/>.</summary>
    JsonObject DecodeProtobuf(ReadOnlyMemory<byte> body);

    /// <summary>As <see cref="Discovery.OpenApiDocuments.Find"/>.</summary>
    ReadOnlyMemory<byte>? OpenApi(string group, string version);
}
