using System.Globalization;

namespace MeshSdk.LoadTest.Measuring;

/// <summary>What became of one request.</summary>
/// <param name="Sent">A timestamp of <see cref="System.Diagnostics.Stopwatch"/>; the request is routed right after it was taken.</param>
/// <param name="Port">Of the server that answered; 0 where none did.</param>
/// <param name="Failure">Null where it was answered.</param>
internal sealed record Answer(long Sent, int Port, string? Failure)
{
    /// <summary>Asks whoever the client calls for its port.</summary>
    public static async Task<Answer> AskAsync(HttpClient client, Uri uri, long sent, HttpMethod? method = null)
    {
        try
        {
            using var request = new HttpRequestMessage(method ?? HttpMethod.Get, uri);
            using var response = await client.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            return response.IsSuccessStatusCode
                ? new Answer(sent, int.Parse(text, CultureInfo.InvariantCulture), null)
                : new Answer(sent, 0, $"{(int)response.StatusCode} {response.ReasonPhrase} {text}");
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
        {
            return new Answer(sent, 0, $"{fault.GetType().Name}: {fault.Message}");
        }
    }
}
