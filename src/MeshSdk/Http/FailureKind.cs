using System.Net.Sockets;
using System.Security.Authentication;
using MeshSdk.Telemetry;
using MeshSdk.Transport;

namespace MeshSdk.Http;

/// <summary>Tells failures of an endpoint, which a sidecar would answer with 503, from those that are the caller's own.</summary>
internal static class FailureKind
{
    /// <returns>The response flag; null where the exception belongs to the caller: its cancellation, its misuse, its own request body.</returns>
    public static string? Of(Exception error, CancellationToken cancellationToken)
    {
        if (error is OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            return null;
        }

        return error switch
        {
            HttpRequestException
            {
                HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
                    or HttpRequestError.NameResolutionError or HttpRequestError.VersionNegotiationError
            } => ResponseFlags.UpstreamConnectionFailure,
            HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.HttpProtocolError or HttpRequestError.InvalidResponse }
                => ResponseFlags.UpstreamConnectionTermination,
            HttpRequestException { InnerException: ConnectionClosedException or SocketException } => ResponseFlags.UpstreamConnectionTermination,

            // The stream of the caller's own body may fail with an IOException too; that of a connection comes from its socket.
            HttpRequestException { InnerException: IOException inner } when inner.GetBaseException() is SocketException or ConnectionClosedException
                => ResponseFlags.UpstreamConnectionTermination,
            SocketException or AuthenticationException => ResponseFlags.UpstreamConnectionFailure,
            ConnectionClosedException or HttpIOException => ResponseFlags.UpstreamConnectionTermination,
            _ => null,
        };
    }

    public static string Describe(string flags) =>
        flags == ResponseFlags.UpstreamConnectionFailure ? "could not be connected to" : "ended the connection before it answered";

    /// <summary>The innermost message: the outer ones only say that something inside failed.</summary>
    public static string Cause(Exception error) => error.GetBaseException().Message;
}
