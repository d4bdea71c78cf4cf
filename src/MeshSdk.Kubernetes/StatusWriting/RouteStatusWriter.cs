using System.Net;
using System.Text.Json.Nodes;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Model;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Kubernetes.StatusWriting;

/// <summary>
/// Keeps the status of routes as the mesh sees them, while it runs. Looks at everything there is when it begins and every now and then, which is how entries of
/// routes without a Service as parent go, and at what changed in between. Writes only where something is another than before.
/// </summary>
/// <param name="objects">The API server.</param>
/// <param name="snapshot">What is in force.</param>
/// <param name="options">The name to write under, and how often.</param>
/// <param name="time">For all waits.</param>
/// <param name="random">Spreads attempts.</param>
/// <param name="logger">Told of what cannot be written.</param>
internal sealed partial class RouteStatusWriter(
    ApiObjects objects,
    Func<MeshSnapshot> snapshot,
    MeshRouteStatusOptions options,
    TimeProvider time,
    Random random,
    ILogger logger)
{
    private const int MostConflicts = 5;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Round = TimeSpan.FromMinutes(10);

    private readonly Dictionary<RouteKey, IReadOnlyList<MeshRouteStatus>> _told = [];
    private readonly Dictionary<RouteKey, (Backoff Backoff, long Since, TimeSpan Pause)> _resting = [];
    private readonly RouteVersions _versions = new(objects);
    private string? _toldFault;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        _told.Clear();
        _resting.Clear();
        var backoff = new Backoff(random);
        while (!await SurveyAsync(cancellationToken).ConfigureAwait(false))
        {
            await Task.Delay(backoff.Next(), time, cancellationToken).ConfigureAwait(false);
        }

        var surveyed = time.GetTimestamp();
        while (true)
        {
            await WriteChangesAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(Look, time, cancellationToken).ConfigureAwait(false);
            if (time.GetElapsedTime(surveyed) >= Round && await SurveyAsync(cancellationToken).ConfigureAwait(false))
            {
                surveyed = time.GetTimestamp();
            }
        }
    }

    /// <summary>Goes through all routes of the API server. False where it cannot say which there are.</summary>
    private async Task<bool> SurveyAsync(CancellationToken cancellationToken)
    {
        var wanted = Wanted();
        foreach (var kind in RouteKind.Known)
        {
            try
            {
                _versions.Forget(kind);
                if (await _versions.OfAsync(kind, cancellationToken).ConfigureAwait(false) is not { } version)
                {
                    continue;
                }

                foreach (var route in await objects.ListAsync(kind.All(version), cancellationToken).ConfigureAwait(false) ?? [])
                {
                    var key = KeyOf(kind, route);
                    await TryWriteAsync(key, wanted.GetValueOrDefault(key, []), route, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (Exception fault) when (IsPassing(fault, cancellationToken))
            {
                Tell($"{kind.Plural} cannot be listed: {fault.Message}");
                return false;
            }
        }

        return true;
    }

    private async Task WriteChangesAsync(CancellationToken cancellationToken)
    {
        var wanted = Wanted();
        foreach (var key in _told.Keys.Except(wanted.Keys).ToArray())
        {
            await TryWriteAsync(key, [], null, cancellationToken).ConfigureAwait(false);
        }

        foreach (var (key, statuses) in wanted)
        {
            if (!_told.TryGetValue(key, out var told) || !AreAlike(told, statuses))
            {
                await TryWriteAsync(key, statuses, null, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private Dictionary<RouteKey, IReadOnlyList<MeshRouteStatus>> Wanted() => snapshot().Routes.Values
        .SelectMany(static statuses => statuses)
        .GroupBy(static status => new RouteKey(status.Kind, status.Namespace, status.Name))
        .ToDictionary(static group => group.Key, static group => (IReadOnlyList<MeshRouteStatus>)[.. group.OrderBy(static status => status.ParentRef)]);

    private async Task TryWriteAsync(
        RouteKey key, IReadOnlyList<MeshRouteStatus> statuses, JsonObject? current, CancellationToken cancellationToken)
    {
        if (_resting.TryGetValue(key, out var rest) && time.GetElapsedTime(rest.Since) < rest.Pause)
        {
            return;
        }

        try
        {
            if (!await WriteAsync(key, statuses, current, cancellationToken).ConfigureAwait(false))
            {
                // The mesh will hear of the version that is there now, and this is asked again.
                return;
            }

            _resting.Remove(key);
            if (statuses.Count > 0)
            {
                _told[key] = statuses;
            }
            else
            {
                _told.Remove(key);
            }
        }
        catch (Exception fault) when (IsPassing(fault, cancellationToken))
        {
            var backoff = rest.Backoff ?? new Backoff(random);
            _resting[key] = (backoff, time.GetTimestamp(), backoff.Next());
            Tell($"the status of {key} cannot be written: {fault.Message}");
        }
    }

    /// <summary>False where the object is of another version than what there is to say.</summary>
    private async Task<bool> WriteAsync(
        RouteKey key, IReadOnlyList<MeshRouteStatus> statuses, JsonObject? current, CancellationToken cancellationToken)
    {
        var kind = RouteKind.Known.First(one => one.Kind == key.Kind);
        for (var conflicts = 0; ; conflicts++)
        {
            if (await _versions.OfAsync(kind, cancellationToken).ConfigureAwait(false) is not { } version)
            {
                return true;
            }

            var path = kind.Object(version, key.Namespace, key.Name);
            current ??= await objects.FindAsync(path, cancellationToken).ConfigureAwait(false);
            if (current is null)
            {
                // The object is gone, unless it is the version that the server has no longer.
                _versions.Forget(kind);
                if (await _versions.OfAsync(kind, cancellationToken).ConfigureAwait(false) == version)
                {
                    return true;
                }

                continue;
            }

            if (!IsOf(current, statuses))
            {
                return false;
            }

            if (!RouteStatusMerge.Apply(current, statuses, options.ControllerName, time.GetUtcNow()))
            {
                return true;
            }

            // Items of a list need not say what they are.
            current["apiVersion"] ??= kind.ApiVersion(version);
            current["kind"] ??= kind.Kind;
            try
            {
                await objects.ReplaceAsync($"{path}/status", current, cancellationToken).ConfigureAwait(false);
                await Task.Delay(TimeSpan.FromSeconds(1.0 / options.WritesPerSecond), time, cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (StatusFault fault) when (fault.Code == HttpStatusCode.Conflict && conflicts < MostConflicts)
            {
                // Somebody else wrote meanwhile: what they wrote is read and kept.
                current = null;
            }
        }
    }

    /// <summary>
    /// Whether what there is to say is of this very version of the object. A version that the mesh refuses stays unobserved, and its predecessor is what the
    /// conditions speak of.
    /// </summary>
    private static bool IsOf(JsonObject route, IReadOnlyList<MeshRouteStatus> statuses)
    {
        var generation = (route["metadata"] as JsonObject)?.Number("generation");
        return statuses.SelectMany(static status => status.Conditions).All(condition =>
            condition.ObservedGeneration == generation
            || (condition.ObservedGeneration < generation && statuses.Any(static status => status.Conditions.Any(IsFallBack))));

        static bool IsFallBack(MeshRouteCondition condition) =>
            condition.Type == "PartiallyInvalid" && condition.Message.StartsWith("Fall Back", StringComparison.Ordinal);
    }

    private static bool AreAlike(IReadOnlyList<MeshRouteStatus> one, IReadOnlyList<MeshRouteStatus> other) =>
        one.Count == other.Count
        && one.Zip(other).All(static pair => ParentKey.Of(pair.First) == ParentKey.Of(pair.Second) && pair.First.Conditions.SequenceEqual(pair.Second.Conditions));

    private static RouteKey KeyOf(RouteKind kind, JsonObject route)
    {
        var metadata = route["metadata"] as JsonObject ?? [];
        return new RouteKey(kind.Kind, metadata.Text("namespace") ?? "", metadata.Text("name") ?? "");
    }

    private static bool IsPassing(Exception fault, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && fault is StatusFault or HttpRequestException or IOException or Connection.ConnectionException;

    // A server that is away or refuses has one reason for all routes.
    private void Tell(string fault)
    {
        if (fault != _toldFault)
        {
            _toldFault = fault;
            LogFault(fault);
        }
    }

    [LoggerMessage(
        1, LogLevel.Warning, "{Reason}. It is tried again; writing takes get and list on routes, and update on their status (samples/k8s/rbac-status.yaml).",
        EventName = "NotWritten")]
    private partial void LogFault(string reason);

    /// <summary>Names a route.</summary>
    private readonly record struct RouteKey(string Kind, string Namespace, string Name)
    {
        public override string ToString() => $"{Kind} {Namespace}/{Name}";
    }
}
