namespace MeshSdk;

/// <summary>
/// A filter of the application's own. A route asks for it with a filter of type <c>ExtensionRef</c> (Gateway API,
/// <c>HTTPRouteFilter.extensionRef</c>), and <see cref="MeshBuilder.AddFilter"/> says who makes it; one that nobody has registered fails the rule with 500.
/// </summary>
/// <remarks>
/// There is one instance for each route and object that it refers to, made when the route comes into force; it serves all requests at once. Where it is
/// <see cref="IAsyncDisposable"/> or <see cref="IDisposable"/> it is disposed of when no route in force refers to it any more and the last request
/// that uses it is answered, at the latest with the mesh.
/// </remarks>
public interface IMeshFilter
{
    /// <summary>
    /// Sees a request as the filters before it have left it, and may change its headers and its URI, of which only path and query count: what is dialled
    /// stays the same. What it changes is undone before the caller gets its message back.
    /// </summary>
    /// <returns>An answer in the place of the backend's; null lets the request go on.</returns>
    /// <exception cref="Exception">Whatever it throws answers the request with 500, and is logged. A cancellation by the caller stays one.</exception>
    ValueTask<HttpResponseMessage?> OnRequestAsync(HttpRequestMessage request, CancellationToken cancellationToken);

    /// <summary>
    /// Sees the response of the backend before the caller does, and may change its headers. It is not called for answers that the mesh or a filter gives.
    /// </summary>
    /// <exception cref="Exception">Whatever it throws takes the place of the response with 500, and is logged. A cancellation by the caller stays one.</exception>
    ValueTask OnResponseAsync(HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken);
}

/// <summary>The object that a route names as a filter of type <c>ExtensionRef</c>. It is in the route's namespace.</summary>
/// <param name="Group">Its API group; empty for the core group.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Namespace">The route's namespace.</param>
/// <param name="Name">Its name.</param>
public sealed record MeshFilterReference(string Group, string Kind, string Namespace, string Name);
