namespace MeshSdk.Tests.Fixtures;

/// <summary>Everything about a request message that its owner can see.</summary>
internal sealed record MessageSnapshot(Uri? Uri, Version Version, HttpVersionPolicy Policy, HttpMethod Method, string? Host, HttpContent? Content, string Headers)
{
    public static MessageSnapshot Of(HttpRequestMessage request) => new(
        request.RequestUri,
        request.Version,
        request.VersionPolicy,
        request.Method,
        request.Headers.Host,
        request.Content,
        string.Join('\n', request.Headers.NonValidated.Select(static h => $"{h.Key}: {string.Join(" | ", (IEnumerable<string>)h.Value)}").Order()));
}
