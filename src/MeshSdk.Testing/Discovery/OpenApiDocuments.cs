using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Discovery;

/// <summary>OpenAPI v3, without which <c>kubectl apply</c> refuses to work and <c>kubectl explain</c> has nothing to say. Documents are kept until the registry changes.</summary>
internal sealed class OpenApiDocuments(ResourceRegistry registry)
{
    private readonly ResourceRegistry _registry = registry;

    /// <summary><c>/openapi/v3</c>: every group version with its URL, in which a hash of the content stands.</summary>
    public ReadOnlyMemory<byte> Index => throw new NotImplementedException(_registry.ToString());

    /// <summary><c>/openapi/v3/api/v1</c>, <c>/openapi/v3/apis/GROUP/VERSION</c>; null where there is no such group version.</summary>
    /// <param name="group">Empty for the core group.</param>
    public ReadOnlyMemory<byte>? Find(string group, string version) => throw new NotImplementedException($"{group}/{version}");
}
