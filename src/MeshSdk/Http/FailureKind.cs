using System.Net.Sockets;
using System.Security.Authentication;
using MeshSdk.Http.Timeouts;
using MeshSdk.Security;
using MeshSdk.Security.Handshakes;
using MeshSdk.Telemetry;
using MeshSdk.Transport;

namespace MeshSdk.Http;

/// <summary>Tells failures of an endpoint, which a sidecar would answer with 502 or 503, from those that are the caller's own.</summary>
internal static class FailureKind
{
    private const long RefusedStream = 7;
    private static readonly string OurTls = typeof(PeerStream).FullName!;

    /// <summary>A request failed before its response came.</summary>
    /// <returns>The response flag; null where the exception belongs to the caller: its cancellation, its misuse, its own request body.</returns>
    /// <param name="error">What was thrown.</param>
    /// <param name="hasBody">Whether the request has a body of the caller's, whose faults look like some of the connection's.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static string? Of(Exception error, bool hasBody, CancellationToken cancellationToken)
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
            SocketException or AuthenticationException => ResponseFlags.UpstreamConnectionFailure,
            _ when IsRejection(error) => ResponseFlags.UpstreamConnectionFailure,

            // A new HTTP/2 connection that the server has closed before it was of use: the HTTP stack says so in words alone.
            HttpRequestException { HttpRequestError: HttpRequestError.Unknown, InnerException: null, StatusCode: null } when !hasBody =>
                ResponseFlags.UpstreamConnectionFailure,
            _ => OfConnection(error),
        };
    }

    /// <summary>Whether nothing of a request was sent, for there was no connection to send it on, and another endpoint may do better.</summary>
    /// <param name="error">What was thrown.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public static bool IsUnsent(Exception error, CancellationToken cancellationToken) =>
        Of(error, hasBody: true, cancellationToken) == ResponseFlags.UpstreamConnectionFailure && !MayHaveBeenSent(error) && !IsLackOfIdentity(error);

    /// <summary>Whether an identity is missing, which no endpoint can help, and which is no better elsewhere.</summary>
    public static bool IsLackOfIdentity(Exception error) => Find<IdentityUnavailableException>(error) is not null;

    /// <summary>What an endpoint is charged with where sending to it failed.</summary>
    /// <param name="flags">What <see cref="Of"/> says, or that the time was over.</param>
    /// <param name="error">What was thrown.</param>
    /// <param name="endpoint">Whom it was sent to; while it waits for an identity, the time that is over is not its fault either.</param>
    public static AttemptOutcomeKind OutcomeOf(string? flags, Exception error, EndpointState endpoint) =>
        endpoint.AwaitsIdentity || IsLackOfIdentity(error) ? AttemptOutcomeKind.Abandoned : OutcomeOf(flags);

    /// <inheritdoc cref="OutcomeOf(string, Exception, EndpointState)"/>
    public static AttemptOutcomeKind OutcomeOf(string? flags) => flags switch
    {
        ResponseFlags.UpstreamConnectionFailure => AttemptOutcomeKind.ConnectFailed,
        ResponseFlags.UpstreamConnectionTermination or ResponseFlags.UpstreamProtocolError => AttemptOutcomeKind.Reset,
        ResponseFlags.UpstreamRequestTimeout => AttemptOutcomeKind.TimedOut,
        _ => AttemptOutcomeKind.Abandoned,
    };

    /// <summary>A response body could not be read, or not be copied.</summary>
    /// <returns>The response flag; null where the exception belongs to the caller: its cancellation, its limits, its own stream.</returns>
    public static string? OfBody(Exception error) => error switch
    {
        OperationCanceledException => null,
        RouteTimeoutException => ResponseFlags.UpstreamRequestTimeout,
        _ => OfConnection(error),
    };

    /// <summary>Whether an HTTP/2 server has said that it did nothing with the request (RFC 9113, 8.7).</summary>
    public static bool IsRefusedStream(Exception error)
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            if (e is HttpProtocolException { ErrorCode: RefusedStream })
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The status that a sidecar answers with.</summary>
    public static int StatusFor(string flags) => flags == ResponseFlags.UpstreamProtocolError ? 502 : 503;

    private static string Describe(string flags, Exception error) => flags switch
    {
        ResponseFlags.UpstreamConnectionFailure => "could not be connected to",
        ResponseFlags.UpstreamProtocolError => "broke the rules of HTTP",

        // A stream was reset, and its connection goes on; or a server that shuts down does not come to it. What the HTTP stack says tells which.
        _ when Find<HttpProtocolException>(error) is not null => "gave up the request before it answered",
        _ => "ended the connection before it answered",
    };

    /// <summary>Says of a request that was to be sent to an endpoint what became of it.</summary>
    public static string Reason(string flags, Exception error, EndpointState endpoint) =>
        IsLackOfIdentity(error) ? endpoint.Unmet(Cause(error)) : $"{endpoint} {Describe(flags, error)}: {Cause(error)}{Advice(error, endpoint)}";

    // Nothing else in it says that it was the scheme.
    private static string Advice(Exception error, EndpointState endpoint) =>
        endpoint.Plan.Tls is null && Find<AuthenticationException>(error) is not null
            ? " (https:// is the application's own TLS; write http:// for that of the mesh, or for none)"
            : "";

    /// <summary>The innermost message: the outer ones only say that something inside failed. But what says which check failed says it in full.</summary>
    private static string Cause(Exception error) =>
        (Find<PeerRejectedException>(error) ?? (Exception?)Find<IdentityUnavailableException>(error) ?? error.GetBaseException()).Message;

    /// <summary>Whether the request may have been acted on all the same, though its failure looks like one to connect.</summary>
    public static bool MayHaveBeenSent(Exception error) =>
        Find<PeerRejectedException>(error) is { MayHaveSent: true } && Find<ConnectionUnreadyException>(error) is null;

    // Under TLS 1.3 a server refuses a client's certificate when the client believes the handshake to be over: then it is a read that fails.
    private static bool IsRejection(Exception error) =>
        Find<PeerRejectedException>(error) is not null || Find<ConnectionUnreadyException>(error) is not null || IsLackOfIdentity(error);

    private static T? Find<T>(Exception error)
        where T : Exception
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            if (e is T found)
            {
                return found;
            }
        }

        return null;
    }

    // The stream of the caller's own body may fail with an IOException too; that of a connection comes with what the HTTP stack or the socket said.
    private static string? OfConnection(Exception error)
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case HttpProtocolException { ErrorCode: var code }:
                    return IsViolation(code) ? ResponseFlags.UpstreamProtocolError : ResponseFlags.UpstreamConnectionTermination;
                case HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse }
                    or HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse } when !IsEnd(error.GetBaseException()):
                    return ResponseFlags.UpstreamProtocolError;
                case HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } or HttpIOException
                    or ConnectionClosedException or SocketException:
                case ObjectDisposedException { ObjectName: var name } when name == OurTls: // the HTTP stack closes it where it breaks, also while it writes
                    return ResponseFlags.UpstreamConnectionTermination;
            }
        }

        return error is HttpRequestException { HttpRequestError: HttpRequestError.HttpProtocolError } ? ResponseFlags.UpstreamConnectionTermination : null;
    }

    // A server that closes an HTTP/2 connection before its first frame, as one does that takes no plaintext, is said to have answered wrongly, since it ended.
    private static bool IsEnd(Exception cause) => cause is HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded };

    // RFC 9113, 7: PROTOCOL_ERROR, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR and COMPRESSION_ERROR. With the other codes a peer gives up a stream or
    // a connection that was in order.
    private static bool IsViolation(long code) => code is 1 or 3 or 6 or 9;
}
