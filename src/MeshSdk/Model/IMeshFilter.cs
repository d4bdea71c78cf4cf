namespace MeshSdk;

/// <summary>
/// A filter of the application's own. A route asks for it with a filter of type <c>ExtensionRef</c> (Gateway API,
/// <c>HTTPRouteFilter.extensionRef</c>); one that nobody has registered fails the rule with 500. One instance serves all requests of the rule at once.
/// </summary>
public interface IMeshFilter
{
    /// <summary>
    /// Sees a request as the filters before it have left it, and may change its headers. What it changes is undone before the caller gets
    /// its message back.
    /// </summary>
    /// <returns>An answer in the place of the backend's; null lets the request go on.</returns>
    /// <exception cref="Exception">Whatever it throws answers the request with 500, and is logged.</exception>
    ValueTask<HttpResponseMessage?> OnRequestAsync(HttpRequestMessage request, CancellationToken cancellationToken);

    /// <summary>Sees the response of the backend before the caller does, and may change its headers.</summary>
    ValueTask OnResponseAsync(HttpRequestMessage request, HttpResponseMessage response, CancellationToken cancellationToken);
}

/// <summary>The object that a route names as a filter of type <c>ExtensionRef</c>. It is in the route's namespace.</summary>
/// <param name="Group">Its API group; empty for the core group.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Namespace">The route's namespace.</param>
/// <param name="Name">Its name.</param>
public sealed record MeshFilterReference(string Group, string Kind, string Namespace, string Name);
