using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Patching;

/// <summary>JSON Patch, JSON Merge Patch and strategic merge patch.</summary>
internal static class ObjectPatch
{
    public const string Json = "application/json-patch+json";
    public const string Merge = "application/merge-patch+json";
    public const string Strategic = "application/strategic-merge-patch+json";

    /// <summary>What a patch makes of an object; <paramref name="current"/> stays as it is.</summary>
    /// <param name="mediaType">Without parameters, as in <c>application/merge-patch+json</c>.</param>
    /// <exception cref="ApiException">
    /// 415 for another media type, and for a strategic patch of a custom resource; 400 where the patch cannot be read; 422 where it does not fit.
    /// </exception>
    public static JsonObject Apply(ResourceType type, string mediaType, JsonObject current, ReadOnlyMemory<byte> patch) => mediaType switch
    {
        Json => JsonPatch.Apply(current, patch),
        Merge => MergePatch.Apply(current, ObjectReader.Read(patch.Span, out _)),
        Strategic when !type.IsCustom => StrategicPatch.Apply(type.Schema, current, ObjectReader.Read(patch.Span, out _)),
        _ => throw ApiException.UnsupportedMediaType("the body of the request was in an unknown format - accepted media types include: "
            + string.Join(", ", type.IsCustom ? [Json, Merge, "application/apply-patch+yaml"] : (string[])[Json, Merge, Strategic, "application/apply-patch+yaml"])),
    };
}
