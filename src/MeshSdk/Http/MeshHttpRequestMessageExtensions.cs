using MeshSdk.Http.Attempts;

namespace MeshSdk;

/// <summary>Tells the mesh about one request what its address and headers do not say.</summary>
public static class MeshHttpRequestMessageExtensions
{
    /// <summary>
    /// Sends this request once, whatever its route says of retries. Routes are followed to the letter and retry a POST too: this is for the request that
    /// must not arrive twice. Its timeouts stay.
    /// </summary>
    /// <returns>The same request.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is null.</exception>
    public static HttpRequestMessage DisableMeshRetries(this HttpRequestMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Options.Set(RetryOptOut.Key, true);
        return request;
    }

    /// <summary>
    /// Makes a request one of a logical session. Where its route asks for session persistence, it goes to the endpoint that the session is on; where it is
    /// on none yet, or on one that has gone, the session is on the one that serves this request from then on. A session cookie or header that the
    /// caller has set by hand comes first.
    /// </summary>
    /// <param name="request">The request, before it is sent.</param>
    /// <param name="session">Null for none.</param>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is null.</exception>
    public static void SetMeshSession(this HttpRequestMessage request, MeshSession? session)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Options.Set(MeshSession.Key, session);
    }
}
