using System.Globalization;
using System.Net.Http.Headers;

namespace MeshSdk.Routing;

/// <summary>What HTTP says of gRPC: how a call is known, and where its status stands.</summary>
internal static class GrpcCall
{
    public const string MediaType = "application/grpc";
    public const string StatusHeader = "grpc-status";
    public const string MessageHeader = "grpc-message";

    public const int Cancelled = 1;
    public const int UnknownStatus = 2;

    private const int InvalidArgument = 3;
    private const int DeadlineExceeded = 4;
    private const int NotFound = 5;
    private const int AlreadyExists = 6;
    private const int PermissionDenied = 7;
    private const int ResourceExhausted = 8;
    private const int FailedPrecondition = 9;
    private const int Aborted = 10;
    private const int OutOfRange = 11;
    private const int Unimplemented = 12;
    private const int Unavailable = 14;
    private const int Unauthenticated = 16;
    private const int LastStatus = 16;

    public static bool Is(HttpRequestMessage request) => Is(request.Content);

    public static bool Is(HttpContent? content) =>
        content is not null
        && content.Headers.NonValidated.TryGetValues("Content-Type", out var values)
        && Names(values.ToString());

    // What else begins so, application/grpc-web above all, has its status in the body, and callers who understand statuses of HTTP.
    private static bool Names(string mediaType) =>
        mediaType.StartsWith(MediaType, StringComparison.OrdinalIgnoreCase)
        && (mediaType.Length == MediaType.Length || mediaType[MediaType.Length] is '+' or ';' or ' ');

    /// <summary>The gRPC code for a status that the mesh answers with.</summary>
    public static int StatusFor(int httpStatus) => httpStatus switch
    {
        404 => Unimplemented,
        504 => DeadlineExceeded,
        _ => Unavailable,
    };

    /// <summary>The HTTP status that Envoy takes a gRPC code for where it judges endpoints.</summary>
    public static int HttpStatusFor(int grpcStatus) => grpcStatus switch
    {
        0 => 200,
        Cancelled => 499,
        InvalidArgument or FailedPrecondition or OutOfRange => 400,
        Unauthenticated => 401,
        PermissionDenied => 403,
        NotFound => 404,
        AlreadyExists or Aborted => 409,
        ResourceExhausted => 429,
        Unimplemented => 501,
        Unavailable => 503,
        DeadlineExceeded => 504,
        _ => 500,
    };

    /// <summary>Whether fields that hold a status, headers or trailers, hold another one than OK.</summary>
    public static bool HasFailed(HttpHeaders fields) => fields.NonValidated.TryGetValues(StatusHeader, out var values) && values.ToString() != "0";

    /// <summary>Whether the trailers of a response that was read to its end do not say OK. One that has its status in its headers does not end with trailers.</summary>
    public static bool HasEndedBadly(HttpResponseMessage response) =>
        !(response.TrailingHeaders.NonValidated.TryGetValues(StatusHeader, out var values) && values.ToString() == "0")
        && !response.Headers.NonValidated.Contains(StatusHeader);

    /// <summary>
    /// The status of a finished call: in the headers of a trailers-only reply, else in the trailers; null where neither has one. What is no code of
    /// gRPC's is UNKNOWN: the peer writes this, and must not be able to fill dictionaries with it.
    /// </summary>
    public static int? StatusOf(HttpResponseMessage response) => StatusIn(response.Headers) ?? StatusIn(response.TrailingHeaders);

    /// <summary>The status of a reply that consists of nothing else, known when its headers are there; null for all others.</summary>
    public static int? TrailersOnlyStatusOf(HttpResponseMessage response) => StatusIn(response.Headers);

    private static int? StatusIn(HttpResponseHeaders headers) =>
        !headers.NonValidated.TryGetValues(StatusHeader, out var values) ? null
        : int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status <= LastStatus ? status
        : UnknownStatus;
}
