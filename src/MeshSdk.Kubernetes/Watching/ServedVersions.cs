using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using MeshSdk.Kubernetes.Connection;

namespace MeshSdk.Kubernetes.Watching;

/// <summary>Which versions of an API group the server has. Asked once for all that watch kinds of it.</summary>
internal sealed class ServedVersions(ApiConnection connection, TimeProvider time)
{
    // Many watches of one group find out together that it is not there, and need not all ask.
    private static readonly TimeSpan AbsentFor = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, Answer> _answers = new(StringComparer.Ordinal);

    /// <summary>The target's versions that are worth a try, the preferred one first; none where the server has the group in no version of these.</summary>
    /// <exception cref="ApiFaultException">The server does not say.</exception>
    public async ValueTask<IReadOnlyList<string>> OfAsync(WatchTarget target, CancellationToken cancellationToken)
    {
        // Where there is no choice the attempt itself tells as much.
        if (target.Kind.Group.Length == 0 || target.Versions.Count == 1)
        {
            return target.Versions;
        }

        var group = target.Kind.Group;
        if (!_answers.TryGetValue(group, out var answer)
            || (answer.Versions is { Count: 0 } && time.GetElapsedTime(answer.Time) >= AbsentFor))
        {
            _answers[group] = answer = new(await AskAsync(group, cancellationToken).ConfigureAwait(false), time.GetTimestamp());
        }

        return answer.Versions is { } served ? [.. target.Versions.Where(served.Contains)] : target.Versions;
    }

    /// <summary>What was said of the group is not true any more.</summary>
    public void Forget(string group) => _answers.TryRemove(group, out _);

    /// <summary>Null: the server does not say, so that each version has to be tried.</summary>
    private async Task<IReadOnlySet<string>?> AskAsync(string group, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(time, cancellationToken);
        var token = deadline.Set(Longest);
        using var response = await connection.GetAsync($"apis/{group}", acceptsGzip: false, token).ConfigureAwait(false);
        if (response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            // Some let nobody ask. And a server without discovery may have the kind all the same: only the paths of the kind itself tell that it is not
            // there, for an empty set in place of routes and policies that exist would send calls past them.
            return null;
        }

        await ApiAnswer.EnsureAsync(response, "get", time, token).ConfigureAwait(false);
        using var document = await JsonDocument.ParseAsync(
            await response.Content.ReadAsStreamAsync(token).ConfigureAwait(false), cancellationToken: token).ConfigureAwait(false);
        return VersionsIn(document.RootElement);
    }

    private static HashSet<string> VersionsIn(JsonElement group)
    {
        var versions = group.ValueKind == JsonValueKind.Object && group.TryGetProperty("versions", out var listed) && listed.ValueKind == JsonValueKind.Array
            ? listed
            : throw new JsonException("a group with its versions is expected");
        return
        [
            .. versions.EnumerateArray()
                .Where(static version => version.ValueKind == JsonValueKind.Object
                    && version.TryGetProperty("version", out var name) && name.ValueKind == JsonValueKind.String)
                .Select(static version => version.GetProperty("version").GetString()!),
        ];
    }

    private sealed record Answer(IReadOnlySet<string>? Versions, long Time);
}
