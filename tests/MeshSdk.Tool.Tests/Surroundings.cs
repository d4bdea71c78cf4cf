using MeshSdk.Sources;
using MeshSdk.Tool.Configuration.Live;
using MeshSdk.Tool.Foreign;

namespace MeshSdk.Tool.Tests;

/// <summary>What commands of tests find around them: never what the machine of the tests has.</summary>
internal static class Surroundings
{
    private const string Nowhere = "/no/such/directory";

    public static ToolEnvironment None { get; } = new()
    {
        Variable = static _ => null,
        Home = Nowhere,
        ServiceAccountDirectory = Nowhere,
        IdentityPlaces = [],
    };

    /// <summary>A kubeconfig file with one context; its server is never called, because <paramref name="open"/> takes its place.</summary>
    public static ToolEnvironment WithCluster(this ManifestDirectory directory, LiveSourceFactory open, string ns = "istio-test") => None with
    {
        Variable = name => name == "KUBECONFIG" ? directory.Write("config", Kubeconfig("kind", ("kind", ns))) : null,
        OpenLive = open,
        ListForeign = static (_, _, _, _) => Task.FromResult<IReadOnlyCollection<ForeignObject>>([]),
    };

    public static ToolEnvironment WithCluster(this ManifestDirectory directory, IResourceSource source) =>
        directory.WithCluster((_, _, _, _) => source);

    public static string Kubeconfig(string? current, params (string Name, string? Namespace)[] contexts) =>
        $$"""
        apiVersion: v1
        kind: Config
        {{(current is null ? "" : $"current-context: {current}")}}
        clusters: [{ name: here, cluster: { server: "https://127.0.0.1:1" } }]
        users: [{ name: me, user: { token: t } }]
        contexts: [{{string.Join(", ", contexts.Select(static c => $"{{ name: {c.Name}, context: {{ cluster: here, user: me{(c.Namespace is null ? "" : $", namespace: {c.Namespace}")} }} }}"))}}]
        """;
}
