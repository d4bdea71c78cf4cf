using MeshSdk;

namespace CanaryDemo;

/// <summary>What came of one call.</summary>
/// <param name="Text">The body, or why the call failed.</param>
/// <param name="Endpoint">The address that served it; null where the call failed.</param>
/// <param name="Peer">Who the server has proved to be; null where the call failed, or went out in plaintext.</param>
internal sealed record Reply(string Text, string? Endpoint, string? Peer)
{
    public bool Succeeded => Endpoint is not null;

    /// <summary>Calls the service by its name, as any application does.</summary>
    public static async Task<Reply> OfCallAsync(HttpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync("http://backend", cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return response.IsSuccessStatusCode && response.GetMeshCall() is { Endpoint: { } endpoint, Peer: var peer }
                ? new Reply(text, endpoint, peer)
                : new Reply($"{(int)response.StatusCode} {response.ReasonPhrase}\n", null, null);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new Reply($"{e.Message}\n", null, null);
        }
    }
}
