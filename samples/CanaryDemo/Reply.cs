using MeshSdk;

namespace CanaryDemo;

/// <summary>What came of one call.</summary>
/// <param name="Text">The body, or why the call failed.</param>
/// <param name="Endpoint">The address that served it; null where the call failed.</param>
internal sealed record Reply(string Text, string? Endpoint)
{
    public bool Succeeded => Endpoint is not null;

    /// <summary>Calls the service by its name, as any application does.</summary>
    public static async Task<Reply> OfCallAsync(HttpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync("http://backend", cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return response.IsSuccessStatusCode && response.GetMeshCall()?.Endpoint is { } endpoint
                ? new Reply(text, endpoint)
                : new Reply($"{(int)response.StatusCode} {response.ReasonPhrase}\n", null);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new Reply($"{e.Message}\n", null);
        }
    }
}
