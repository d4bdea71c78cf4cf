using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MeshSdk.Kubernetes.Connection;
using MeshSdk.Kubernetes.Watching;

namespace MeshSdk.Kubernetes.StatusWriting;

/// <summary>Objects of an API server, whole: what is written back must hold all that was read, also the fields that the mesh knows nothing of.</summary>
internal sealed class ApiObjects(ApiConnection connection, TimeProvider time)
{
    // An answer that takes longer comes too late for whoever waits for it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Null where there is none.</summary>
    /// <exception cref="StatusFault">The server refuses.</exception>
    /// <exception cref="HttpRequestException">There is no answer.</exception>
    public Task<JsonObject?> FindAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>Null where the object is gone.</summary>
    /// <inheritdoc cref="FindAsync" path="/exception"/>
    public Task<JsonObject?> ReplaceAsync(string path, JsonObject content, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Put, path, content, cancellationToken);

    /// <exception cref="StatusFault">The server refuses; also where it has no such namespace, and where it has no such kind.</exception>
    /// <inheritdoc cref="FindAsync" path="/exception[@cref='HttpRequestException']"/>
    public Task<JsonObject?> CreateAsync(string path, JsonObject content, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, content, cancellationToken);

    /// <summary>All objects of a collection, page by page; null where the server has no such kind.</summary>
    /// <inheritdoc cref="FindAsync" path="/exception"/>
    public async Task<List<JsonObject>?> ListAsync(string path, CancellationToken cancellationToken)
    {
        var found = new List<JsonObject>();
        var next = "";
        do
        {
            var page = await FindAsync(
                $"{path}?limit={CollectionPath.PageSize}{(next.Length > 0 ? $"&continue={Uri.EscapeDataString(next)}" : "")}", cancellationToken).ConfigureAwait(false);
            if (page is null)
            {
                return null;
            }

            found.AddRange((page["items"] as JsonArray ?? []).OfType<JsonObject>());
            next = (page["metadata"] as JsonObject)?.Text("continue") ?? "";
        }
        while (next.Length > 0);
        return found;
    }

    /// <summary>Whether the server has the collection at all.</summary>
    /// <inheritdoc cref="FindAsync" path="/exception"/>
    public async Task<bool> HasAsync(string path, CancellationToken cancellationToken) =>
        await FindAsync($"{path}?limit=1", cancellationToken).ConfigureAwait(false) is not null;

    private async Task<JsonObject?> SendAsync(HttpMethod method, string path, JsonObject? content, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            ReadOnlyMemory<byte>? body = content is null ? null : Encoding.UTF8.GetBytes(content.ToJsonString());
            using var response = await connection.SendAsync(method, path, body, acceptsGzip: false, either.Token).ConfigureAwait(false);
            var text = await response.Content.ReadAsStringAsync(either.Token).ConfigureAwait(false);
            return response.StatusCode == HttpStatusCode.NotFound && method != HttpMethod.Post ? null
                : response.IsSuccessStatusCode ? JsonNode.Parse(text) as JsonObject
                : throw new StatusFault(response.StatusCode, $"{method} {path}: {(int)response.StatusCode} {Reason(text)}");
        }
        catch (OperationCanceledException fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"{method} {path}: no answer within {Patience.TotalSeconds} s", fault);
        }
        catch (JsonException fault)
        {
            throw new HttpRequestException($"{method} {path}: the answer is no JSON", fault);
        }
    }

    private static string Reason(string body)
    {
        try
        {
            return (JsonNode.Parse(body) as JsonObject)?.Text("message") ?? "";
        }
        catch (JsonException)
        {
            return "";
        }
    }
}
