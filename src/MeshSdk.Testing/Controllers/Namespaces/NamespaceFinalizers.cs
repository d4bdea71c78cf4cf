using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Controllers.Namespaces;

/// <summary>
/// A Namespace has finalizers of its own kind, in <c>spec</c>: as long as <c>kubernetes</c> is among them its objects are not all gone. The
/// store treats them as it does those in <c>metadata</c>: a deletion only marks the object, and the write that takes the last one away removes it.
/// </summary>
internal static class NamespaceFinalizers
{
    public const string Kubernetes = "kubernetes";

    public static bool Hold(JsonObject ns) => ns.TextsAt("spec", "finalizers").Length > 0;
}
