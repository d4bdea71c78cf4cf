using MeshSdk.Routing;

namespace MeshSdk.Http.Mirroring;

/// <summary>A request that is to be mirrored, as it was when it came to the mirror: filters after that change the original only.</summary>
/// <param name="Filter">The mirror, of which <see cref="BoundFilter.Mirror"/> is set.</param>
/// <param name="Head">Method, URI, version and headers; it has no content.</param>
/// <param name="ContentHeaders">The headers of the content, each value as written; empty where there is none.</param>
internal sealed record MirrorRequest(BoundFilter Filter, HttpRequestMessage Head, IReadOnlyList<KeyValuePair<string, string>> ContentHeaders)
{
    public static MirrorRequest Of(BoundFilter filter, HttpRequestMessage request)
    {
        var head = new HttpRequestMessage(request.Method, request.RequestUri) { Version = request.Version, VersionPolicy = request.VersionPolicy };
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            head.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values);
        }

        return new MirrorRequest(
            filter,
            head,
            request.Content is { } content
                ? [.. content.Headers.NonValidated.SelectMany(static header => header.Value.Select(value => KeyValuePair.Create(header.Key, value)))]
                : []);
    }
}
