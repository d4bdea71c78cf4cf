using System.Net;
using MeshSdk.Kubernetes.Wire;

namespace MeshSdk.Kubernetes.Watching;

/// <summary>The API server answered, and not with what it was asked for.</summary>
/// <param name="verb">As RBAC names it.</param>
/// <param name="code">The HTTP status, or that of an error event in a watch.</param>
/// <param name="status">What the server says of it; null: nothing.</param>
internal sealed class ApiFaultException(string verb, HttpStatusCode code, ApiStatus? status) : Exception(Describe(code, status))
{
    public string Verb { get; } = verb;

    public HttpStatusCode Code { get; } = code;

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The answer looks like one of an API server. Pages of proxies do not, and what they say is no word of the set.</summary>
    public bool IsServers { get; init; } = true;

    /// <summary>The server cannot go on from where it was asked to, and can from the beginning.</summary>
    public bool NeedsRelist { get; } = code == HttpStatusCode.Gone || status is { IsExpired: true } or { IsVersionTooLarge: true };

    /// <summary>The server has gone back in time: the same version may be of other content than before.</summary>
    public bool IsServerBehind { get; } = status is { IsVersionTooLarge: true };

    private static string Describe(HttpStatusCode code, ApiStatus? status) =>
        $"the API server answered {(int)code}{(status is { Message.Length: > 0 } ? $": {status.Message}" : "")}";
}
