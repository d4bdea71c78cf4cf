namespace MeshSdk.Kubernetes.Watching;

/// <summary>Why watches end, in the words of the metric.</summary>
internal static class WatchEnd
{
    /// <summary>The server ended it in good order, as it does after the time it was asked for.</summary>
    public const string Closed = "closed";

    /// <summary>The connection broke.</summary>
    public const string Cut = "cut";

    /// <summary>Nothing came for longer than the server ever was silent.</summary>
    public const string Silent = "silent";

    /// <summary>The server does not keep old enough changes any more.</summary>
    public const string Expired = "expired";

    /// <summary>The server sent what is no event.</summary>
    public const string Garbled = "garbled";

    /// <summary>The server would not open it, or said that something went wrong.</summary>
    public const string Refused = "refused";
}
