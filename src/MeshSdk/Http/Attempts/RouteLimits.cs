using MeshSdk.Model;
using MeshSdk.Routing;

namespace MeshSdk.Http.Attempts;

/// <summary>
/// The timeouts that hold for one request; null where there is none. A gRPC call has none, for a stream may be as long as it likes and nothing on the
/// wire tells it from a unary call. Whoever makes the call knows, and says so under <see cref="IsUnaryKey"/>.
/// </summary>
internal readonly record struct RouteLimits(TimeSpan? Request, TimeSpan? BackendRequest)
{
    /// <summary>True on a gRPC request of which it is known that both sides send one message.</summary>
    public static readonly HttpRequestOptionsKey<bool> IsUnaryKey = new("MeshSdk.GrpcUnary");

    public static RouteLimits For(RouteRule rule, HttpRequestMessage request)
    {
        if (rule.Timeouts is not { } timeouts || (GrpcCall.Is(request) && !(request.Options.TryGetValue(IsUnaryKey, out var isUnary) && isUnary)))
        {
            return default;
        }

        return new RouteLimits(Positive(timeouts.Request), Positive(timeouts.BackendRequest));
    }

    private static TimeSpan? Positive(TimeSpan? timeout) => timeout > TimeSpan.Zero ? timeout : null;
}
