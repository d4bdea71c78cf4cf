using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Controllers.Namespaces;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Tests.Fixtures;

/// <summary>A store with the semantics that controllers count on: versions, watches that miss nothing, finalizers, writes that change nothing.</summary>
internal sealed class FakeClusterApi : IClusterApi
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<(string Kind, string Namespace, string Name), JsonObject> _objects = [];
    private readonly List<(string Kind, ChannelWriter<ApiChange> Changes)> _watches = [];
    private readonly ConcurrentQueue<string> _writes = new();
    private long _version;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<IAdmission> Admissions { get; } = [];

    /// <summary>As in <c>PUT endpointslices ns/a-12345</c>.</summary>
    public IReadOnlyCollection<string> Writes => _writes;

    /// <summary>Whether somebody has begun to watch a kind.</summary>
    public bool IsWatched(string group, string plural)
    {
        lock (_lock)
        {
            return _watches.Any(watch => watch.Kind == Key(group, plural));
        }
    }

    public static ResourceType Type(string group, string plural, bool isNamespaced = true) => new()
    {
        Group = group,
        Version = "v1",
        Kind = plural switch { "services" => "Service", "namespaces" => "Namespace", _ => plural },
        Plural = plural,
        Singular = plural.TrimEnd('s'),
        IsNamespaced = isNamespaced,
        Schema = new SchemaNode(),
    };

    public JsonObject? Get(string group, string plural, string? ns, string name)
    {
        lock (_lock)
        {
            return _objects.GetValueOrDefault((Key(group, plural), ns ?? "", name))?.DeepClone().AsObject();
        }
    }

    public IReadOnlyList<JsonObject> List(string group, string plural, string? ns = null)
    {
        lock (_lock)
        {
            return
            [
                .. _objects.Where(entry => entry.Key.Kind == Key(group, plural) && (ns is null || entry.Key.Namespace == ns))
                    .Select(entry => entry.Value.DeepClone().AsObject()),
            ];
        }
    }

    public JsonObject Put(string group, string plural, JsonObject content)
    {
        lock (_lock)
        {
            var after = content.DeepClone().AsObject();
            var key = (Key(group, plural), after.Namespace(), after.Name());
            if (after.Namespace() is { Length: > 0 } ns && Get("", "namespaces", null, ns)?.IsTerminating() == true && !_objects.ContainsKey(key))
            {
                throw new ApiException(403, "Forbidden", $"unable to create new content in namespace {ns} because it is being terminated");
            }

            var before = _objects.GetValueOrDefault(key);
            foreach (var admission in Admissions)
            {
                admission.Admit(Type(group, plural), before?.DeepClone().AsObject(), after);
            }

            var metadata = after["metadata"]!.AsObject();
            metadata["uid"] = before?.Uid() ?? Guid.NewGuid().ToString();
            metadata["resourceVersion"] = before?["metadata"]!["resourceVersion"]!.DeepClone();
            if (before is not null && JsonNode.DeepEquals(before, after))
            {
                return after;
            }

            _writes.Enqueue($"PUT {plural} {after.Namespace()}/{after.Name()}");
            return IsOver(after) ? Remove(key, after) : Store(key, after, before is null ? "ADDED" : "MODIFIED");
        }
    }

    public JsonObject? Update(string group, string plural, string? ns, string name, string uid, Action<JsonObject> change)
    {
        lock (_lock)
        {
            if (Get(group, plural, ns, name) is not { } content || content.Uid() != uid)
            {
                return null;
            }

            change(content);
            return Put(group, plural, content);
        }
    }

    public bool Delete(string group, string plural, string? ns, string name)
    {
        lock (_lock)
        {
            var key = (Key(group, plural), ns ?? "", name);
            if (!_objects.TryGetValue(key, out var stored))
            {
                return false;
            }

            var marked = stored.DeepClone().AsObject();
            marked["metadata"]!["deletionTimestamp"] ??= "2030-01-01T00:00:00Z";
            _writes.Enqueue($"DELETE {plural} {ns}/{name}");
            if (IsOver(marked))
            {
                Remove(key, marked);
            }
            else if (!stored.IsTerminating())
            {
                Store(key, marked, "MODIFIED");
            }

            return true;
        }
    }

    public ChannelReader<ApiChange> Watch(string group, string plural, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var channel = Channel.CreateUnbounded<ApiChange>();
            foreach (var content in List(group, plural))
            {
                channel.Writer.TryWrite(new("ADDED", content));
            }

            _watches.Add((Key(group, plural), channel.Writer));
            Signal();
            return channel.Reader;
        }
    }

    /// <summary>Ends all watches and numbers all objects anew from 1, as a control plane that was restored.</summary>
    public void Renumber()
    {
        lock (_lock)
        {
            _version = 0;
            foreach (var content in _objects.Values)
            {
                Stamp(content);
            }

            foreach (var (_, changes) in _watches)
            {
                changes.TryComplete();
            }

            _watches.Clear();
        }
    }

    /// <summary>Waits until something that is asked of the store after each change of it holds.</summary>
    public async Task<T> UntilAsync<T>(Func<FakeClusterApi, T?> probe)
        where T : class
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (probe(this) is { } found)
            {
                return found;
            }

            await changed.WaitAsync(timeout.Token);
        }
    }

    public Task UntilAsync(Func<FakeClusterApi, bool> holds) => UntilAsync(api => holds(api) ? api : null);

    private static string Key(string group, string plural) => $"{plural}.{group}";

    private static bool IsOver(JsonObject content) =>
        content.IsTerminating() && content.TextsAt("metadata", "finalizers").IsEmpty && !NamespaceFinalizers.Hold(content);

    private JsonObject Store((string, string, string) key, JsonObject content, string type)
    {
        Stamp(content);
        _objects[key] = content;
        Tell(key.Item1, type, content);
        return content.DeepClone().AsObject();
    }

    private JsonObject Remove((string, string, string) key, JsonObject content)
    {
        Stamp(content);
        _objects.Remove(key);
        Tell(key.Item1, "DELETED", content);
        return content;
    }

    private void Stamp(JsonObject content) =>
        content["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);

    private void Tell(string kind, string type, JsonObject content)
    {
        foreach (var (_, changes) in _watches.Where(watch => watch.Kind == kind))
        {
            changes.TryWrite(new(type, content.DeepClone().AsObject()));
        }

        Signal();
    }

    private void Signal() => Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
