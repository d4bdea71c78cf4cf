namespace MeshSdk.Testing;

/// <summary>The embedded API server has refused an object. The message names the object and says why, in the server's words.</summary>
public sealed class EmbeddedKubernetesException : Exception
{
    internal EmbeddedKubernetesException(string message, int statusCode, string reason, Exception inner)
        : base(message, inner)
    {
        StatusCode = statusCode;
        Reason = reason;
    }

    /// <summary>Gets the HTTP status that a client would have been answered, as in 422.</summary>
    public int StatusCode { get; }

    /// <summary>Gets the reason in one word, as in <c>Invalid</c>, <c>Conflict</c> or <c>NotFound</c>.</summary>
    public string Reason { get; }
}
