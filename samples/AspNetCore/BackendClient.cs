namespace AspNetCoreSample;

/// <summary>A typed client, as it would be written without a mesh.</summary>
internal sealed class BackendClient(HttpClient http)
{
    public Task<string> HelloAsync(CancellationToken cancellationToken) => http.GetStringAsync("/", cancellationToken);
}
