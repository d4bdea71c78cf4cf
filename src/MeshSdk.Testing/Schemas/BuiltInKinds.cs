using System.Collections.Immutable;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Schemas;

/// <summary>The kinds that the server knows without being told, read once a process from the texts in <c>BuiltIn</c>.</summary>
internal static class BuiltInKinds
{
    // A text uses the types of those before it.
    private static readonly string[] Texts = ["meta", "pods", "core", "gateway", "istio"];

    private static readonly Lazy<SchemaText> Read = new(ReadAll);

    public static ImmutableArray<ResourceType> All => Read.Value.Kinds;

    /// <summary>The schema of <c>metadata</c>.</summary>
    public static SchemaNode Metadata => Read.Value.Metadata;

    private static SchemaText ReadAll()
    {
        var reader = new SchemaText();
        foreach (var name in Texts)
        {
            using var stream = typeof(BuiltInKinds).Assembly.GetManifestResourceStream($"{name}.schema")!;
            using var text = new StreamReader(stream);
            reader.Read(text.ReadToEnd());
        }

        return reader;
    }
}
