using System.Text.Json;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Tables;

/// <summary>What a row carries of its object.</summary>
internal enum IncludeObject
{
    Metadata,
    Object,
    None,
}

/// <summary>Writes objects the way <c>kubectl get</c> shows them: as a <c>meta.k8s.io/v1 Table</c>.</summary>
internal static class TableWriter
{
    /// <param name="withColumns">False in a watch after its first event.</param>
    /// <param name="listMetadata">The list's metadata (resourceVersion, continue, remainingItemCount).</param>
    public static void Write(
        Utf8JsonWriter writer, ResourceType type, IEnumerable<JsonObject> items, IncludeObject include, bool withColumns, JsonObject listMetadata) =>
        throw new NotImplementedException();
}
