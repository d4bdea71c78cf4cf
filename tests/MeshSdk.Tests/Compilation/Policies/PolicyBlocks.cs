using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using MeshSdk.Model;
using MeshSdk.Sources;
using MeshSdk.Sources.Manifests;

namespace MeshSdk.Tests.Compilation.Policies;

/// <summary>A service <c>a</c> in <c>ns</c> with one destination rule, of which YAML says the traffic policy.</summary>
internal static class PolicyBlocks
{
    public const string Path = "spec.trafficPolicy";

    public static (ClusterModel Cluster, ImmutableArray<MeshDiagnostic> Diagnostics) Compile(string trafficPolicy, string port = "80", params string[] others)
    {
        var rule = ManifestReader.Read(
            "{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: p, namespace: ns}, spec: {host: a, trafficPolicy: " + trafficPolicy + "}}", "p.yaml");
        Assert.Empty(rule.Problems);
        var rest = others.SelectMany(static text => ManifestReader.Read(text, "other.yaml").Resources);
        var snapshot = Given.Snapshot([Given.Service("a", port), Given.Slice("s", "a", 80, Given.Endpoint("10.0.0.1")), .. rule.Resources, .. rest]);
        return (snapshot.Service("a").Clusters[0], [.. snapshot.AllDiagnostics()]);
    }

    public static JsonElement Yaml(string text)
    {
        Assert.True(YamlText.TryRead(text, out var json, out var problem), problem);
        return json;
    }

    /// <summary>With the paths below the traffic policy.</summary>
    public static IEnumerable<string> Short(this IEnumerable<MeshDiagnostic> diagnostics) =>
        diagnostics.Codes().Select(static code => code.Replace($" {Path}.", " ", StringComparison.Ordinal));

    /// <summary>All that a cluster has from its policies and that is not the default, as one line.</summary>
    public static string Describe(ClusterModel cluster)
    {
        var text = new StringBuilder();
        SnapshotPolicyWriter.Write(text, cluster);
        return string.Join("; ", text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }
}
