using MeshSdk.Kubernetes.Watching;
using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Kubernetes.Tests.Scopes;

/// <summary>An API server without a network: what it holds reaches every reflector that asks for it, unless a test keeps it back.</summary>
internal sealed class FakeCluster(TimeProvider time) : IReflectorFactory
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ResourceKey, Resource> _objects = [];
    private readonly List<FakeReflector> _reflectors = [];
    private Func<WatchTarget, bool> _held = static _ => false;
    private Func<WatchTarget, bool> _forbidden = static _ => false;
    private Func<WatchTarget, bool> _notInstalled = static _ => false;

    public string ServerIdentity { get; set; } = "server-a";

    public bool IsDisposed { get; private set; }

    /// <summary>All that have ever been started, in order.</summary>
    public List<string> Started { get; } = [];

    public IReadOnlyList<string> Running
    {
        get
        {
            lock (_lock)
            {
                return [.. _reflectors.Select(static reflector => reflector.Target.ToString()).Order(StringComparer.Ordinal)];
            }
        }
    }

    public IReflector Create(WatchTarget target) => new FakeReflector(this, target);

    /// <summary>Keeps the first answer to these back until <see cref="Resume"/>.</summary>
    public void Hold(Func<WatchTarget, bool> targets) => _held = targets;

    public void Hold(string kind, string? service = null) =>
        Hold(target => target.Kind.Kind == kind && (service is null || target.ToString().EndsWith($"={service})", StringComparison.Ordinal)));

    /// <param name="except">Kept back from now on.</param>
    public void Resume(Func<WatchTarget, bool>? except = null)
    {
        _held = except ?? (static _ => false);
        AnswerAll();
    }

    public void Forbid(Func<WatchTarget, bool> targets)
    {
        _forbidden = targets;
        AnswerAll();
    }

    public void Uninstall(params string[] kinds) => _notInstalled = target => kinds.Contains(target.Kind.Kind);

    public void Put(params Resource[] resources)
    {
        lock (_lock)
        {
            foreach (var resource in resources)
            {
                _objects[resource.Key] = resource;
                foreach (var reflector in _reflectors.Where(reflector => reflector.IsAnswered && Matches(reflector.Target, resource)).ToArray())
                {
                    reflector.Contact(time);
                    reflector.Tell(new WatchUpdate { Upserts = [resource] });
                }
            }
        }
    }

    public void Delete(Resource resource)
    {
        lock (_lock)
        {
            _objects.Remove(resource.Key);
            foreach (var reflector in _reflectors.Where(reflector => reflector.IsAnswered && Matches(reflector.Target, resource)).ToArray())
            {
                reflector.Contact(time);
                reflector.Tell(new WatchUpdate { Deletes = [resource.Key] });
            }
        }
    }

    /// <summary>Has the server give word of all that is watched, as bookmarks do.</summary>
    public void Bookmark()
    {
        lock (_lock)
        {
            _reflectors.Where(static reflector => reflector.IsAnswered).ToList().ForEach(reflector => reflector.Contact(time));
        }
    }

    public void Tell(string kind, WatchUpdate update)
    {
        lock (_lock)
        {
            _reflectors.Where(reflector => reflector.Target.Kind.Kind == kind).ToList().ForEach(reflector => reflector.Tell(update));
        }
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }

    public void Register(FakeReflector reflector)
    {
        lock (_lock)
        {
            Started.Add(reflector.Target.ToString());
            _reflectors.Add(reflector);
            Answer(reflector);
        }
    }

    public void Unregister(FakeReflector reflector)
    {
        lock (_lock)
        {
            _reflectors.Remove(reflector);
        }
    }

    private void AnswerAll()
    {
        lock (_lock)
        {
            _reflectors.ToList().ForEach(Answer);
        }
    }

    private void Answer(FakeReflector reflector)
    {
        if (_forbidden(reflector.Target))
        {
            reflector.Tell(new WatchUpdate { Condition = new(WatchState.Forbidden, reflector.IsAnswered, $"no permission to list {reflector.Target.Resource}") });
        }
        else if (!_held(reflector.Target) && !reflector.IsAnswered)
        {
            reflector.IsAnswered = true;
            reflector.Contact(time);
            var installed = !_notInstalled(reflector.Target);
            reflector.Tell(new WatchUpdate
            {
                Upserts = installed ? [.. _objects.Values.Where(resource => Matches(reflector.Target, resource))] : [],
                Condition = new(installed ? WatchState.Live : WatchState.NotInstalled, IsKnown: true, installed ? "" : "the kind is not installed"),
            });
        }
        else if (reflector.IsAnswered)
        {
            reflector.Tell(new WatchUpdate { Condition = new(WatchState.Live, IsKnown: true, "") });
        }
        else if (_held(reflector.Target))
        {
            reflector.Tell(new WatchUpdate { Condition = new(WatchState.Pending, IsKnown: false, "") });
        }
    }

    private static bool Matches(WatchTarget target, Resource resource) =>
        target.Kind.Kind == resource.Kind
        && (target.Namespace is null || target.Namespace == resource.Metadata.Namespace)
        && (target.FieldSelector is null || target.FieldSelector == $"metadata.name={resource.Metadata.Name}")
        && (target.LabelSelector is null || target.LabelSelector.Split(',').All(label =>
            label.Split('=') is [var key, var value] && resource.Metadata.Labels?.GetValueOrDefault(key) == value));
}

internal sealed class FakeReflector(FakeCluster cluster, WatchTarget target) : IReflector
{
    private Action<WatchUpdate>? _sink;

    public WatchTarget Target => target;

    public long LastContact { get; private set; }

    public bool IsAnswered { get; set; }

    public async Task RunAsync(Action<WatchUpdate> sink, CancellationToken cancellationToken)
    {
        _sink = sink;
        cluster.Register(this);
        cancellationToken.UnsafeRegister(_ => cluster.Unregister(this), null);
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Tell(WatchUpdate update) => _sink!(update);

    // Never zero, which means never.
    public void Contact(TimeProvider time) => LastContact = Math.Max(1, time.GetTimestamp());
}
