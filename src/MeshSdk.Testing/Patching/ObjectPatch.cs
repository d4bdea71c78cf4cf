using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Patching;

/// <summary>JSON Patch, JSON Merge Patch and strategic merge patch.</summary>
internal static class ObjectPatch
{
    /// <summary>What a patch makes of an object; <paramref name="current"/> stays as it is.</summary>
    /// <param name="mediaType">Without parameters, as in <c>application/merge-patch+json</c>.</param>
    /// <exception cref="ApiException">
    /// 415 for another media type, and for a strategic patch of a custom resource; 400 where the patch cannot be read; 422 where it does not fit.
    /// </exception>
    public static JsonObject Apply(ResourceType type, string mediaType, JsonObject current, ReadOnlyMemory<byte> patch) => throw new NotImplementedException();
}
