using System.Text;
using System.Text.Json.Nodes;
using MeshSdk.Sources.Manifests;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Tests.Fixtures;

/// <summary>The kinds that the server brings itself, and objects written in YAML.</summary>
internal static class Known
{
    /// <param name="name">The kind, with its version after a slash where it is not the first that the server has.</param>
    public static ResourceType Kind(string name)
    {
        var parts = name.Split('/');
        return BuiltInKinds.All.First(type => type.Kind == parts[0] && (parts.Length == 1 || type.Version == parts[1]));
    }

    public static JsonObject Yaml(string text) => ObjectReader.ReadYaml(text);

    /// <summary>As after a write through the server.</summary>
    public static JsonObject Stored(string text)
    {
        var content = Yaml(text);
        ObjectSchema.Prepare(KindOf(content), content, FieldValidation.Strict);
        return content;
    }

    public static ResourceType KindOf(JsonObject content) =>
        BuiltInKinds.All.First(type => type.Kind == content["kind"]!.ToString() && type.ApiVersion == content["apiVersion"]!.ToString());

    /// <summary>Every document of the upstream files in the folder that <c>MESHSDK_UPSTREAM_CRDS</c> names; skips the test where it names none.</summary>
    public static IReadOnlyList<JsonObject> UpstreamDefinitions()
    {
        var folder = Environment.GetEnvironmentVariable("MESHSDK_UPSTREAM_CRDS");
        if (string.IsNullOrEmpty(folder))
        {
            Assert.Skip("MESHSDK_UPSTREAM_CRDS names no folder with the CRD files of the Gateway API and of Istio");
        }

        return [.. Directory.EnumerateFiles(folder, "*.yaml").Order(StringComparer.Ordinal)
            .SelectMany(file => YamlDocuments.Split(File.ReadAllText(file, Encoding.UTF8)))
            .Where(document => document.Text.Contains("kind: CustomResourceDefinition", StringComparison.Ordinal))
            .Select(document => ObjectReader.ReadYaml(document.Text))];
    }
}
