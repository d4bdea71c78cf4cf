namespace MeshSdk.Transport;

/// <summary>How a request that was sent to an endpoint ended.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Status">The HTTP status, that of gRPC translated; 0 where none came.</param>
internal readonly record struct AttemptOutcome(AttemptOutcomeKind Kind, int Status);

internal enum AttemptOutcomeKind
{
    /// <summary>A response, whatever it says.</summary>
    Answered,

    /// <summary>No connection could be made.</summary>
    ConnectFailed,

    /// <summary>The connection, or the stream on it, ended before the response did.</summary>
    Reset,

    /// <summary>The time that its route gives it was over.</summary>
    TimedOut,

    /// <summary>The caller has gone, or nothing was sent: says nothing of the endpoint.</summary>
    Abandoned,
}
