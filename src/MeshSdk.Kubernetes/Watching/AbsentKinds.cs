using System.Net;
using System.Text.Json;
using MeshSdk.Kubernetes.Connection;

namespace MeshSdk.Kubernetes.Watching;

/// <summary>
/// Finds out whether a kind is really not there. An empty set in place of routes and policies that exist sends calls past them, and a proxy with no server
/// behind it answers 404 as well; so it takes an API server that says so, by its discovery, or, where it has none, by having shown that it is one.
/// </summary>
#pragma warning disable CA1001 // A semaphore whose wait handle nobody asks for holds nothing that would have to be let go.
internal sealed class AbsentKinds(ApiConnection connection, TimeProvider time)
#pragma warning restore CA1001
{
    // Many watches find out together that a kind is not there, and need not all ask.
    private static readonly TimeSpan AnswerLasts = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    // A server without discovery may be about to answer with the list of another kind, at the very same time.
    private static readonly TimeSpan ListAwaited = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _asking = new(1, 1);
    private readonly TaskCompletionSource _listed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private (JsonElement? Groups, string Refusal, long Time)? _last;

    /// <summary>The server has answered with a list, of whatever kind, and so has shown that it is one.</summary>
    public void HasListed() => _listed.TrySetResult();

    /// <summary>Whether the kind of the target is not there.</summary>
    /// <exception cref="ApiFaultException">The server does not say.</exception>
    /// <exception cref="JsonException">What answers is no API server's discovery.</exception>
    public async Task<Absence> OfAsync(WatchTarget target, CancellationToken cancellationToken)
    {
        var (groups, refusal) = await GroupsAsync(cancellationToken).ConfigureAwait(false);
        if (groups is null)
        {
            return await IsServerAsync(cancellationToken).ConfigureAwait(false)
                ? Absence.ByServer
                : Absence.Unproven($"{target.Resource} is not there, and nothing shows that an API server says so ({refusal})");
        }

        var versions = VersionsOf(groups.Value, target.Kind.Group);
        var unread = new List<string>();
        foreach (var version in versions)
        {
            if (await HasAsync($"apis/{target.Kind.Group}/{version}", target.Plural, cancellationToken).ConfigureAwait(false))
            {
                if (target.Versions.Contains(version))
                {
                    return Absence.Unproven($"the API server lists {target.Resource} in version {version} and does not serve it at the moment");
                }

                unread.Add(version);
            }
        }

        return unread.Count == 0 ? Absence.ByDiscovery : Absence.Unproven(
            $"the API server has {target.Resource} in version {string.Join(", ", unread)} alone, and this library reads {string.Join(", ", target.Versions)}");
    }

    /// <summary>Null: the server has no discovery, or keeps it from this process.</summary>
    private async Task<(JsonElement? Groups, string Refusal)> GroupsAsync(CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_last is not { } last || time.GetElapsedTime(last.Time) >= AnswerLasts)
            {
                var (groups, refusal) = await AskAsync(cancellationToken).ConfigureAwait(false);
                _last = last = (groups, refusal, time.GetTimestamp());
            }

            return (last.Groups, last.Refusal);
        }
        finally
        {
            _asking.Release();
        }
    }

    private async Task<(JsonElement? Groups, string Refusal)> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            var root = await GetAsync("apis", cancellationToken).ConfigureAwait(false);
            return KindOf(root) == "APIGroupList" && Array(root, "groups") is not null
                ? (root, "")
                : throw new JsonException("a list of API groups is expected");
        }
        catch (ApiFaultException fault) when (fault is { Code: HttpStatusCode.NotFound or HttpStatusCode.Forbidden, IsServers: true })
        {
            return (null, fault.Message);
        }
    }

    private async Task<bool> HasAsync(string path, string plural, CancellationToken cancellationToken)
    {
        var root = await GetAsync(path, cancellationToken).ConfigureAwait(false);
        var resources = KindOf(root) == "APIResourceList" ? Array(root, "resources") : null;
        return (resources ?? throw new JsonException("a list of API resources is expected")).EnumerateArray().Any(resource => Text(resource, "name") == plural);
    }

    /// <summary>Whether what answers has shown by now that it is an API server.</summary>
    private async Task<bool> IsServerAsync(CancellationToken cancellationToken)
    {
        if (_listed.Task.IsCompleted)
        {
            return true;
        }

        try
        {
            if (Text(await GetAsync("version", cancellationToken).ConfigureAwait(false), "gitVersion") is { Length: > 0 })
            {
                return true;
            }
        }
        catch (Exception fault) when (fault is ApiFaultException or JsonException)
        {
            // Then a list is all that is left to tell by.
        }

        try
        {
            await _listed.Task.WaitAsync(ListAwaited, time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(time, cancellationToken);
        try
        {
            var token = deadline.Set(Longest);
            using var response = await connection.GetAsync(path, acceptsGzip: false, token).ConfigureAwait(false);
            await ApiAnswer.EnsureAsync(response, "get", time, token).ConfigureAwait(false);
            using var document = await JsonDocument.ParseAsync(
                await response.Content.ReadAsStreamAsync(token).ConfigureAwait(false), cancellationToken: token).ConfigureAwait(false);
            return document.RootElement.Clone();
        }
        catch (OperationCanceledException) when (deadline.HasPassed)
        {
            throw new TimeoutException("the API server accepted a request for what it has and then fell silent");
        }
    }

    private static List<string> VersionsOf(JsonElement root, string name) =>
    [
        .. Array(root, "groups")!.Value.EnumerateArray()
            .Where(group => Text(group, "name") == name)
            .SelectMany(static group => (Array(group, "versions") ?? throw new JsonException("a group with its versions is expected")).EnumerateArray())
            .Select(static version => Text(version, "version") ?? throw new JsonException("a version is expected")),
    ];

    private static string? KindOf(JsonElement root) => Text(root, "kind");

    private static JsonElement? Array(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? value : null;

    private static string? Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
