using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Testing.Controllers.Namespaces;

/// <summary>
/// Ends namespaces: deletes what is in them, waits for what has finalizers, then lets the namespace go. Each has a task of its own, since one
/// that waits must not hold up the others.
/// </summary>
/// <param name="kinds">What there is in namespaces now; asked anew for each, as CustomResourceDefinitions come and go.</param>
internal sealed partial class NamespaceController(Func<IEnumerable<ResourceType>> kinds, ILogger<NamespaceController> logger) : IController
{
    private readonly ILogger _logger = logger;
    private readonly ConcurrentDictionary<string, Task> _ending = new(StringComparer.Ordinal);

    public async Task RunAsync(IClusterApi api, CancellationToken ct)
    {
        await ChangeLoop.RunAsync(api, () => new([new("", "namespaces", change => Apply(api, change, ct))], static () => { }), ct).ConfigureAwait(false);
        await Task.WhenAll(_ending.Values).ConfigureAwait(false);
    }

    private void Apply(IClusterApi api, ApiChange change, CancellationToken ct)
    {
        var (name, uid) = (change.Content.Name(), change.Content.Uid());
        if (change.Type == "DELETED")
        {
            // One that had no finalizer has left its objects behind. Those of a namespace that has come back in the meantime are not its own.
            if (!_ending.ContainsKey(uid) && api.Get("", "namespaces", null, name) is null)
            {
                Empty(api, name);
            }
        }
        else if (change.Content.IsTerminating() && !_ending.ContainsKey(uid))
        {
            _ending[uid] = Task.Run(() => EndAsync(api, name, uid, ct), CancellationToken.None);
        }
    }

    private async Task EndAsync(IClusterApi api, string name, string uid, CancellationToken ct)
    {
        try
        {
            Update(api, name, uid, static ns => ns["status"] = new JsonObject { ["phase"] = "Terminating" });
            await EmptyAsync(api, name, ct).ConfigureAwait(false);
            Update(api, name, uid, static ns => ns["spec"] = new JsonObject
            {
                ["finalizers"] = ns.TextsAt("spec", "finalizers").Where(finalizer => finalizer != NamespaceFinalizers.Kubernetes).ToJsonArray(),
            });

            // Where the last finalizer was taken by the write, it is gone; a store that only marks needs to be told again.
            if (Find(api, name, uid) is { } left && !NamespaceFinalizers.Hold(left) && left.TextsAt("metadata", "finalizers").IsEmpty)
            {
                api.Delete("", "namespaces", null, name);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The server is stopped; its objects go with it.
        }
        catch (ApiException e)
        {
            LogStuck(_logger, name, e.Message);
        }
    }

    /// <summary>Nothing is created in a namespace that is about to go, so what is left only becomes less.</summary>
    private async Task EmptyAsync(IClusterApi api, string name, CancellationToken ct)
    {
        while (Empty(api, name) is { } left)
        {
            using var watch = CancellationTokenSource.CreateLinkedTokenSource(ct);
            var changes = api.Watch(left.Group, left.Plural, watch.Token);

            // Looked at after the watch began: what goes from here on, the watch tells, unless it ends and the look has to be repeated.
            var isGone = api.List(left.Group, left.Plural, name).Count == 0;
            while (!isGone && await changes.WaitToReadAsync(ct).ConfigureAwait(false))
            {
                while (changes.TryRead(out var change))
                {
                    isGone |= change.Type == "DELETED" && change.Content.Namespace() == name;
                }
            }

            await watch.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <returns>A kind of which something has finalizers and is still there; null: the namespace is empty.</returns>
    private ResourceType? Empty(IClusterApi api, string name)
    {
        ResourceType? left = null;
        foreach (var kind in kinds().Where(kind => kind.IsNamespaced).DistinctBy(kind => (kind.Group, kind.Plural)))
        {
            foreach (var content in api.List(kind.Group, kind.Plural, name))
            {
                if (!content.IsTerminating())
                {
                    api.Delete(kind.Group, kind.Plural, name, content.Name());
                }
            }

            if (api.List(kind.Group, kind.Plural, name).Count > 0)
            {
                left ??= kind;
            }
        }

        return left;
    }

    private static void Update(IClusterApi api, string name, string uid, Action<JsonObject> change) =>
        api.Update("", "namespaces", null, name, uid, change);

    private static JsonObject? Find(IClusterApi api, string name, string uid) =>
        api.Get("", "namespaces", null, name) is { } found && found.Uid() == uid ? found : null;

    [LoggerMessage(1, LogLevel.Warning, "Namespace {Namespace} does not end: {Reason}")]
    private static partial void LogStuck(ILogger logger, string @namespace, string reason);
}
