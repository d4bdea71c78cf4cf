using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Discovery;

/// <summary>OpenAPI v3, without which <c>kubectl apply</c> refuses to work and <c>kubectl explain</c> has nothing to say. Documents are kept until the registry changes.</summary>
internal sealed class OpenApiDocuments(ResourceRegistry registry)
{
    private readonly Lock _lock = new();
    private Edition? _edition;

    /// <summary><c>/openapi/v3</c>: every group version with its URL, in which a hash of the content stands.</summary>
    public ReadOnlyMemory<byte> Index => Current().Index;

    /// <summary><c>/openapi/v3/api/v1</c>, <c>/openapi/v3/apis/GROUP/VERSION</c>; null where there is no such group version.</summary>
    /// <param name="group">Empty for the core group.</param>
    public ReadOnlyMemory<byte>? Find(string group, string version) =>
        Current().Documents.TryGetValue((group, version), out var document) ? document : default(ReadOnlyMemory<byte>?);

    private Edition Current()
    {
        lock (_lock)
        {
            // Read before the kinds: a change in between is caught up with next time.
            var revision = registry.Revision;
            return _edition?.Revision == revision ? _edition : _edition = Edit(revision);
        }
    }

    private Edition Edit(long revision)
    {
        var documents = registry.All
            .GroupBy(type => (type.Group, type.Version))
            .ToDictionary(types => types.Key, types => (ReadOnlyMemory<byte>)JsonSerializer.SerializeToUtf8Bytes(OpenApiDocument.Of(types)));
        var paths = new JsonObject();
        foreach (var ((group, version), document) in documents)
        {
            // kubectl keeps a document for as long as its URL stays, also when another server answers at the same address.
            var path = group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";
            paths[path] = new JsonObject
            {
                ["serverRelativeURL"] = $"/openapi/v3/{path}?hash={Convert.ToHexString(SHA256.HashData(document.Span))}",
            };
        }

        return new Edition(revision, JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["paths"] = paths }), documents);
    }

    private sealed record Edition(
        long Revision, ReadOnlyMemory<byte> Index, Dictionary<(string Group, string Version), ReadOnlyMemory<byte>> Documents);
}
