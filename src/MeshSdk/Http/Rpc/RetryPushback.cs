using System.Globalization;
using MeshSdk.Model;
using MeshSdk.Routing;

namespace MeshSdk.Http.Rpc;

/// <summary>What a gRPC server says of the next attempt (gRFC A6): how long to wait before it, or not to make it.</summary>
internal static class RetryPushback
{
    public const string Header = "grpc-retry-pushback-ms";
    private const string Stop = "-1";

    /// <param name="response">A reply that consists of its status alone.</param>
    /// <param name="wait">How long to wait; null where nothing is said.</param>
    /// <returns>False where no attempt is to follow. What cannot be read says that too.</returns>
    public static bool Permits(HttpResponseMessage response, out TimeSpan? wait)
    {
        wait = null;
        if (!response.Headers.NonValidated.TryGetValues(Header, out var values))
        {
            return true;
        }

        if (!int.TryParse(values.ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds) || milliseconds < 0)
        {
            return false;
        }

        wait = TimeSpan.FromMilliseconds(milliseconds);
        return true;
    }

    /// <summary>
    /// Keeps a channel from retrying what its service config retries, where the rule of the route has the say: else the attempts of both would multiply.
    /// </summary>
    /// <param name="call">Whose attempt it is; null where the channel makes no others.</param>
    /// <param name="rule">The rule that the attempt took.</param>
    /// <param name="response">What the channel gets.</param>
    public static void StopChannel(RpcCall? call, RouteRule rule, HttpResponseMessage response)
    {
        if (call is not { IsRetried: true } || rule.Retry is null or { IsDefault: true })
        {
            return;
        }

        // Of a response with headers of its own no channel makes another attempt, and of a code that its service config does not name neither.
        var status = GrpcCall.TrailersOnlyStatusOf(response);
        if (status is { } code ? (call.RetriedStatuses & (1u << code)) != 0 : (int)response.StatusCode != 200)
        {
            response.Headers.Remove(Header);
            response.Headers.TryAddWithoutValidation(Header, Stop);
        }
    }
}
