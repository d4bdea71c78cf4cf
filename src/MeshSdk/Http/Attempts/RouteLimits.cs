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
    public static RouteLimits For(RouteRule rule, HttpRequestMessage request, RpcMethods methods)
    {
        if (rule.Timeouts is not { } timeouts || (GrpcCall.Is(request) && methods.KindOf(request) != RpcKind.Unary))
        {
            return default;
        }

        return new RouteLimits(Positive(timeouts.Request), Positive(timeouts.BackendRequest));
    }

    private static TimeSpan? Positive(TimeSpan? timeout) => timeout > TimeSpan.Zero ? timeout : null;
}
