using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Tests.Fixtures;

/// <summary>A watch over a raw client, one event at a time.</summary>
internal sealed class WatchReader(HttpResponseMessage response, StreamReader lines) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<WatchReader> OpenAsync(HttpClient client, string path, string? accept = null, Version? version = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        request.Version = version ?? client.DefaultRequestVersion;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken).WaitAsync(Patience);
        Assert.True(response.IsSuccessStatusCode, response.IsSuccessStatusCode ? "" : await response.Content.ReadAsStringAsync());
        return new(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    /// <summary>Null at the end of the stream.</summary>
    public async Task<string?> LineAsync() => await lines.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);

    public async Task<JsonObject> EventAsync() => JsonNode.Parse(await LineAsync() ?? throw new EndOfStreamException("the watch has ended"))!.AsObject();

    /// <summary>The next event in short: its type and the object's name.</summary>
    public async Task<string> NextAsync()
    {
        var next = await EventAsync();
        return $"{next["type"]} {next["object"]!["metadata"]?["name"] ?? next["object"]!["reason"]}".TrimEnd();
    }

    /// <summary>Whether nothing comes of what is already on its way.</summary>
    public Task<string?> Pending() => lines.ReadLineAsync(TestContext.Current.CancellationToken).AsTask();

    public void Dispose()
    {
        lines.Dispose();
        response.Dispose();
    }
}
