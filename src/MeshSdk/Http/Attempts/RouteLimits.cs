using MeshSdk.Http.Rpc;
using MeshSdk.Model;
using MeshSdk.Routing;

namespace MeshSdk.Http.Attempts;

/// <summary>
/// The timeouts that hold for one request; null where there is none. A gRPC call has none, for a stream may be as long as it likes and nothing on the
/// wire tells it from a unary call, unless whoever makes such calls has said what they are (<see cref="RpcMethods"/>).
/// </summary>
internal readonly record struct RouteLimits(TimeSpan? Request, TimeSpan? BackendRequest)
{
    /// <param name="rule">What the request is sent under.</param>
    /// <param name="request">As it is after the rule's filters.</param>
    /// <param name="asked">What its caller has asked for, before them.</param>
    /// <param name="methods">What is known of gRPC methods.</param>
    public static RouteLimits For(RouteRule rule, HttpRequestMessage request, Uri? asked, RpcMethods methods)
    {
        if (rule.Timeouts is not { } timeouts)
        {
            return default;
        }

        var limits = new RouteLimits(Positive(timeouts.Request), Positive(timeouts.BackendRequest));
        if (limits == default || !GrpcCall.Is(request) || methods.KindOf(request, asked) is var kind && kind == RpcKind.Unary)
        {
            return limits;
        }

        if (kind == RpcKind.Unknown)
        {
            methods.TellUnbound(asked);
        }

        return default;
    }

    private static TimeSpan? Positive(TimeSpan? timeout) => timeout > TimeSpan.Zero ? timeout : null;
}
