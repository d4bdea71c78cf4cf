using MeshSdk.Resources;
using MeshSdk.Sources.Manifests;

namespace MeshSdk.Compilation.Policies;

/// <summary>Outlier detection for a Service of a cluster that has no destination rules: the same block, written into an annotation.</summary>
internal static class OutlierAnnotation
{
    public const string Name = "meshsdk.io/outlier-detection";

    public const string Path = $"metadata.annotations[{Name}]";

    /// <summary>Whether the Service states anything.</summary>
    public static bool IsOn(Service service) => !string.IsNullOrWhiteSpace(service.Metadata.Annotations?.GetValueOrDefault(Name));

    /// <summary>What the Service states; of no existence where it states nothing, or nothing that can be read.</summary>
    public static PolicyBlock Of(Service service, DiagnosticList diagnostics)
    {
        var block = new PolicyBlock(service, Path, null, diagnostics);
        if (service.Metadata.Annotations?.GetValueOrDefault(Name) is not { } text || string.IsNullOrWhiteSpace(text))
        {
            return block;
        }

        if (!YamlText.TryRead(text, out var json, out var problem))
        {
            block.Fault($"it is neither JSON nor YAML such as {{consecutive5xxErrors: 3, interval: 5s}}: {problem}; it counts as left out");
            return block;
        }

        return (block with { Json = json }).Mapping();
    }
}
