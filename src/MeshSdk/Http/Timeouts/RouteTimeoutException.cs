namespace MeshSdk.Http.Timeouts;

/// <summary>The body of a response was not there within the route's timeout. Before the headers the answer is 504 and there is no exception.</summary>
internal sealed class RouteTimeoutException(string message)
    : HttpIOException(HttpRequestError.ResponseEnded, message, new TimeoutException(message))
{
    // The base adds its error code, which says less than the message does.
    public override string Message { get; } = message;
}
