using System.Collections.Concurrent;

namespace MeshSdk.Http.Rpc;

/// <summary>
/// What kind each gRPC method is, as those who call them have said. Kept by path and not put on each request: an application has few methods, and only the
/// rules that bound unary calls alone ever ask.
/// </summary>
internal sealed class RpcMethods
{
    // Methods are written down in code. Who makes up names as it goes, a proxy of all services, must not fill the process with them.
    private const int Most = 10_000;

    /// <summary>True on a single request of which its maker knows that both sides send one message.</summary>
    public static readonly HttpRequestOptionsKey<bool> IsUnaryKey = new("MeshSdk.GrpcUnary");

    private readonly ConcurrentDictionary<string, RpcKind> _kinds = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RpcKind>.AlternateLookup<ReadOnlySpan<char>> _spans;

    /// <summary>
    /// Makes what a gRPC channel takes for DEADLINE_EXCEEDED, of a sentence: this library knows none of its exceptions. Null where nobody has said what kind a
    /// method is, and no timeout binds a call.
    /// </summary>
    public Func<string, Exception>? DeadlineExceeded { get; set; }

    public RpcMethods() => _spans = _kinds.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <param name="path"><c>/package.Service/Method</c>.</param>
    /// <param name="kind">What it is.</param>
    public void Note(string path, RpcKind kind)
    {
        if (!_kinds.ContainsKey(path) && _kinds.Count < Most)
        {
            _kinds.TryAdd(path, kind);
        }
    }

    /// <summary>What a request calls.</summary>
    public RpcKind KindOf(HttpRequestMessage request) =>
        request.RequestUri is { } uri && _spans.TryGetValue(uri.PathAndQuery, out var kind) ? kind
        : request.Options.TryGetValue(IsUnaryKey, out var isUnary) && isUnary ? RpcKind.Unary
        : RpcKind.Unknown;
}
