using System.Text;
using System.Text.Json;
using MeshSdk.Kubernetes.Connection;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Kubernetes.Wire;
using MeshSdk.Sources;
using MeshSdk.Tool.Foreign;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshSdk.Tool.Configuration.Live;

/// <summary>Lists the foreign objects of some namespaces of a live cluster.</summary>
internal delegate Task<IReadOnlyCollection<ForeignObject>> ForeignLister(
    MeshKubernetesOptions options, IReadOnlyCollection<string> namespaces, ToolEnvironment environment, CancellationToken cancellationToken);

/// <summary>
/// Reads from an API server what nothing here acts on. No call depends on it, so nothing is missed where there is none of it or where nobody may read it:
/// the library asks for no permission that only a command would use.
/// </summary>
internal sealed class ForeignReader(ApiConnection connection)
{
    private const int PageSize = 500;

    // All that a description wants more may keep it waiting no longer than that.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly List<ForeignObject> _found = [];

    public static async Task<IReadOnlyCollection<ForeignObject>> ListAsync(
        MeshKubernetesOptions options, IReadOnlyCollection<string> namespaces, ToolEnvironment environment, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, environment.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await using var connection = await ApiConnection.OpenAsync(
                LiveSource.Search(options, environment), environment.Time, Random.Shared, NullLogger.Instance, either.Token);
            var reader = new ForeignReader(connection);
            await reader.ReadAsync(namespaces, either.Token);
            return reader._found;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested
            && e is HttpRequestException or ConnectionException or IOException or InvalidDataException or JsonException or OperationCanceledException)
        {
            return [];
        }
    }

    private async Task ReadAsync(IReadOnlyCollection<string> namespaces, CancellationToken cancellationToken)
    {
        var served = await ServedVersionsAsync(cancellationToken);
        foreach (var kind in ForeignKind.All)
        {
            if (kind.Versions.FirstOrDefault(served.Contains) is { } version)
            {
                foreach (var ns in namespaces)
                {
                    await ReadAsync(kind, version, ns, cancellationToken);
                }
            }
        }
    }

    /// <summary>One question in place of a dozen, where the cluster has nothing of Istio's.</summary>
    private async Task<HashSet<string>> ServedVersionsAsync(CancellationToken cancellationToken)
    {
        using var response = await connection.GetAsync($"apis/{ForeignKind.Group}", acceptsGzip: false, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            return [];
        }

        using var document = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken: cancellationToken);
        return document.RootElement is { ValueKind: JsonValueKind.Object } group
            && group.TryGetProperty("versions", out var versions) && versions.ValueKind == JsonValueKind.Array
                ? [.. versions.EnumerateArray().Select(VersionOf).OfType<string>()]
                : [];

        static string? VersionOf(JsonElement item) =>
            item.ValueKind == JsonValueKind.Object && item.TryGetProperty("version", out var version) && version.ValueKind == JsonValueKind.String
                ? version.GetString()
                : null;
    }

    private async Task ReadAsync(ForeignKind kind, string version, string ns, CancellationToken cancellationToken)
    {
        var path = $"apis/{ForeignKind.Group}/{version}/namespaces/{Uri.EscapeDataString(ns)}/{kind.Plural}?limit={PageSize}";
        for (var next = ""; next is not null;)
        {
            using var response = await connection.GetAsync(
                next.Length == 0 ? path : $"{path}&continue={Uri.EscapeDataString(next)}", acceptsGzip: true, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                return;
            }

            await using var stream = await ApiAnswer.BodyAsync(response, cancellationToken);
            using var window = new ByteWindow(stream);
            var head = await ListBody.ReadAsync(window, json => Add(kind, version, Encoding.UTF8.GetString(json)), () => cancellationToken);
            next = head.Continue.Length == 0 ? null : head.Continue;
        }
    }

    /// <summary>Items of a list need not say what they are.</summary>
    private void Add(ForeignKind kind, string version, string json) => ManifestReader.Read(
        $$"""{"apiVersion":"{{ForeignKind.Group}}/{{version}}","kind":"{{kind.Kind}}List","items":[{{json}}]}""",
        $"{kind.Plural}.json",
        seen =>
        {
            if (ForeignObject.Of(seen) is { } found)
            {
                _found.Add(found);
            }
        });
}
