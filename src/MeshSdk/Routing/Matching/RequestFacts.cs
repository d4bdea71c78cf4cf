namespace MeshSdk.Routing.Matching;

/// <summary>What conditions look at in one request.</summary>
internal readonly ref struct RequestFacts(HttpRequestMessage request, ReadOnlySpan<char> path, QueryParameters query)
{
    public HttpRequestMessage Request { get; } = request;

    public ReadOnlySpan<char> Path { get; } = path;

    public QueryParameters Query { get; } = query;
}
