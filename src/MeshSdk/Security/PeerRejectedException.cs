using System.Security.Authentication;

namespace MeshSdk.Security;

/// <summary>A peer failed a check of who it is, or does not do what its policy says that it does, or does not believe who we are.</summary>
internal sealed class PeerRejectedException(string message, Exception? inner = null) : AuthenticationException(message, inner)
{
    /// <summary>
    /// Whether a request had been sent that the peer may have acted on. Servers that refuse a certificate do not always say so, and then look like one that
    /// fails while it serves the first request of a connection.
    /// </summary>
    public bool MayHaveSent { get; init; }
}
