using MeshSdk.Http.Attempts;

namespace MeshSdk;

/// <summary>Tells the mesh how to treat one request.</summary>
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
}
