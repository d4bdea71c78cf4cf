using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Patching;

/// <summary>Server-side apply: every field has managers, and to take over another one's field takes force.</summary>
internal static class ServerSideApply
{
    /// <summary>The merged object, its <c>metadata.managedFields</c> included; <paramref name="current"/> stays as it is.</summary>
    /// <param name="current">Null where the object is created.</param>
    /// <exception cref="ApiException">409 with one cause a conflicting field.</exception>
    public static JsonObject Apply(
        ResourceType type, JsonObject? current, JsonObject applied, string manager, bool force, string subresource, DateTimeOffset now) =>
        throw new NotImplementedException();

    /// <summary>Notes in <c>metadata.managedFields</c> of <paramref name="after"/> what a write that was no apply has changed.</summary>
    /// <param name="before">Null where the object is created.</param>
    public static void Track(ResourceType type, JsonObject? before, JsonObject after, string manager, string subresource, DateTimeOffset now) =>
        throw new NotImplementedException();
}
