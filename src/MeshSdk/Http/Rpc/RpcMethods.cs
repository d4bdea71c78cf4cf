using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshSdk.Http.Rpc;

/// <summary>
/// What kind each gRPC method is, as those who call them have said. Kept by path and not put on each request: an application has few methods, and only the
/// rules that bound unary calls alone ever ask.
/// </summary>
internal sealed partial class RpcMethods
{
    // Methods are written down in code. Who makes up names as it goes, a proxy of all services, must not fill the process with them.
    private const int Most = 10_000;

    /// <summary>True on a single request of which its maker knows that both sides send one message.</summary>
    public static readonly HttpRequestOptionsKey<bool> IsUnaryKey = new("MeshSdk.GrpcUnary");

    private readonly ConcurrentDictionary<string, RpcKind> _kinds = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RpcKind>.AlternateLookup<ReadOnlySpan<char>> _spans;

    private int _isTold;

    /// <summary>
    /// Makes what a gRPC channel takes for DEADLINE_EXCEEDED, of a sentence: this library knows none of its exceptions. Null where nobody has said what kind a
    /// method is, and no timeout binds a call.
    /// </summary>
    public Func<string, Exception>? DeadlineExceeded { get; set; }

    public RpcMethods() => _spans = _kinds.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Hears, once, of a call that could not be bound by timeouts, for nobody has told the kind of its method.</summary>
    public ILogger Log { get; set; } = NullLogger.Instance;

    /// <param name="path"><c>/package.Service/Method</c>.</param>
    /// <param name="kind">What it is.</param>
    public void Note(string path, RpcKind kind)
    {
        if (!_kinds.ContainsKey(path) && _kinds.Count < Most)
        {
            _kinds.TryAdd(path, kind);
        }
    }

    /// <summary>What a request calls that nothing has rewritten.</summary>
    public RpcKind KindOf(HttpRequestMessage request) => KindOf(request, request.RequestUri);

    /// <summary>What a request calls.</summary>
    /// <param name="request">The request.</param>
    /// <param name="asked">What its caller has asked for: methods are known by the paths that are called, not by those that a filter makes of them.</param>
    public RpcKind KindOf(HttpRequestMessage request, Uri? asked) =>
        asked is not null && _spans.TryGetValue(asked.PathAndQuery, out var kind) ? kind
        : request.Options.TryGetValue(IsUnaryKey, out var isUnary) && isUnary ? RpcKind.Unary
        : RpcKind.Unknown;

    /// <summary>Says, once, that a route has timeouts which do not bind a call, since it is not known what kind its method is.</summary>
    /// <param name="asked">What its caller has asked for.</param>
    public void TellUnbound(Uri? asked)
    {
        if (Volatile.Read(ref _isTold) == 0 && Interlocked.Exchange(ref _isTold, 1) == 0)
        {
            LogUnknown(Log, asked);
        }
    }

    [LoggerMessage(
        1, LogLevel.Warning,
        "{Uri} is called by gRPC under a route with timeouts, and is not bound by them: they bind unary calls alone, and it is not known whether this is one. "
        + "The package MeshSdk.Grpc tells: AddMesh(m => m.UseGrpc()) for clients of AddGrpcClient() with AddMeshRouting(), else mesh.CreateCallInvoker(). This is said once.",
        EventName = "GrpcMethodUnknown")]
    private static partial void LogUnknown(ILogger logger, Uri? uri);
}
