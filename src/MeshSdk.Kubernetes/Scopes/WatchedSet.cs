using System.Collections.Immutable;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>
/// The objects that one watch follows, and how well they are known. The loop of the source owns it; what health reads from other threads is
/// one reference each.
/// </summary>
/// <param name="target">What is followed.</param>
/// <param name="service">The service that it is followed for; null where it is followed for all.</param>
internal sealed class WatchedSet(WatchTarget target, ServiceId? service, TimeProvider time)
{
    private volatile WatchCondition _condition = new(WatchState.Pending, IsKnown: false, "");
    private volatile IReflector? _reflector;
    private volatile RestoredSet? _restored;
    private volatile bool _isOverdue;

    public WatchTarget Target { get; } = target;

    public ServiceId? Service { get; } = service;

    public DateTimeOffset Created { get; } = time.GetUtcNow();

    public string Kind => Target.Kind.Kind;

    /// <summary>What the server has told of it so far.</summary>
    public Dictionary<ResourceKey, Resource> Live { get; } = [];

    public ImmutableArray<MeshDiagnostic> Problems { get; set; } = [];

    /// <summary>As the reflector has it.</summary>
    public WatchCondition Condition { get => _condition; set => _condition = value; }

    /// <summary>Null where it is not followed at present, because another set of its kind and namespace has been refused already.</summary>
    public IReflector? Reflector { get => _reflector; set => _reflector = value; }

    /// <summary>What a snapshot on disk says of it, as long as the server has not said it all itself.</summary>
    public RestoredSet? Restored { get => _restored; set => _restored = value; }

    /// <summary>It has been waited for long enough: it is told as unknown, and nothing waits for it any longer.</summary>
    public bool IsOverdue { get => _isOverdue; set => _isOverdue = value; }

    public bool IsClosed { get; set; }

    /// <summary>Not heard of for long, though it was known.</summary>
    public bool IsStale { get; set; }

    public bool IsLive => Condition.IsKnown;

    /// <summary>
    /// It was known, and cannot be followed at present. Silence alone is no sign of that: a server has nothing to say of objects that do not change
    /// but a bookmark every minute or so, and it is the reflector that knows how long this one may take.
    /// </summary>
    public bool IsLost => Condition is { IsKnown: true, State: WatchState.Stale };

    public bool IsKnown => IsLive || Restored is not null;

    public bool IsForbidden => Condition.State == WatchState.Forbidden;

    /// <summary>Nothing is gained by waiting for it.</summary>
    public bool IsSettled => IsKnown || IsForbidden || IsOverdue;

    /// <summary>All objects that count as far as this set goes.</summary>
    public IReadOnlyDictionary<ResourceKey, Resource> Objects => Restored?.Objects ?? (IReadOnlyDictionary<ResourceKey, Resource>)Live;

    /// <summary>Why it is not known, for people; the same text as long as the reason is the same.</summary>
    public string Reason => IsForbidden && Condition.Detail.Length > 0 ? Condition.Detail
        : IsForbidden ? $"{Target} may not be read."
        : $"{Target} could not be read since {Created.UtcDateTime:HH:mm:ss} UTC{(Condition.Detail.Length > 0 ? $": {Condition.Detail}" : ".")}";

    /// <summary>The version of an object that counts as far as this set goes; null where it has none.</summary>
    public Resource? Find(ResourceKey key) => Objects.GetValueOrDefault(key);

    /// <summary>How long ago the server had word of it; null: never.</summary>
    public TimeSpan? Age => Restored is { } restored ? time.GetUtcNow() - restored.AsOf
        : Reflector is { LastContact: not 0 and var contact } ? time.GetElapsedTime(contact)
        : null;

    public bool IsUnheardFor(TimeSpan span) => (Age ?? time.GetUtcNow() - Created) > span;

    public override string ToString() => Target.ToString();
}

/// <summary>What a snapshot on disk says of a set.</summary>
/// <param name="Objects">Those that count; replaced as a whole.</param>
/// <param name="AsOf">When the server last had word of them.</param>
internal sealed record RestoredSet(IReadOnlyDictionary<ResourceKey, Resource> Objects, DateTimeOffset AsOf);
