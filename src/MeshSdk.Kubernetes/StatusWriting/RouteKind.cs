using MeshSdk.Kubernetes.Scopes;
using MeshSdk.Kubernetes.Watching;

namespace MeshSdk.Kubernetes.StatusWriting;

/// <summary>A kind of routes that status is written of, in the versions in which the mesh reads it.</summary>
internal sealed record RouteKind(WatchTarget Target)
{
    public static IReadOnlyList<RouteKind> Known { get; } =
        [.. WatchedKinds.Configuration.Where(static kind => kind.Links is not null).Select(static kind => new RouteKind(kind.Target))];

    public string Kind => Target.Kind.Kind;

    public string Plural => Target.Plural;

    /// <summary>The preferred one first.</summary>
    public IReadOnlyList<string> Versions => Target.Versions;

    public string ApiVersion(string version) => $"{Target.Kind.Group}/{version}";

    /// <summary>The path of those of all namespaces.</summary>
    public string All(string version) => $"apis/{ApiVersion(version)}/{Plural}";

    public string Object(string version, string ns, string name) =>
        $"apis/{ApiVersion(version)}/namespaces/{Uri.EscapeDataString(ns)}/{Plural}/{Uri.EscapeDataString(name)}";
}
