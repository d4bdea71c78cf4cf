using MeshSdk.Kubernetes.Wire;
using MeshSdk.Sources;

namespace MeshSdk.Kubernetes.Watching;

/// <summary>
/// Reads a set as a whole and then follows its changes: whatever ends a watch, the next one goes on from the version that the last one reached, and where
/// the server cannot, the set is read again and told as a difference. What was told stays told until the server says otherwise.
/// </summary>
internal sealed partial class Reflector(WatchTarget target, WatchContext context) : IReflector
{
    // A watch that ended sooner, without an event, is no success to start the back-off anew after.
    private static readonly TimeSpan ShortWatch = TimeSpan.FromSeconds(1);

    // A server that begins a watch with all that there is does so at once. One that does not know of it says nothing, or never comes to the end.
    private static readonly TimeSpan InitialSilence = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan InitialEvents = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan LongestAfterRecovery = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time = context.Time;
    private readonly Backoff _backoff = new(context.Random);
    private readonly BookmarkRhythm _rhythm = new(context.Time);
    private readonly ToldSet _set = new();
    private readonly ObjectDecoder _decoder = new(target);
    private Action<WatchUpdate> _sink = static _ => { };
    private WatchCondition _condition = new(WatchState.Pending, IsKnown: false, "");
    private IReadOnlyList<string>? _candidates;
    private int _candidate;
    private string? _version;
    private string? _oldest;
    private bool _listsOnce;
    private long _lastContact;
    private int _relists;
    private bool _asksForInitialEvents;

    public WatchTarget Target => target;

    public long LastContact => Volatile.Read(ref _lastContact);

    public async Task RunAsync(Action<WatchUpdate> sink, CancellationToken cancellationToken)
    {
        _sink = sink;
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await PauseAsync(await AttemptAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    private async Task PauseAsync(Pause pause, CancellationToken cancellationToken)
    {
        var outage = context.Connection.Outage;
        if (!pause.EndsOnRecovery || !outage.IsDown)
        {
            // Where the server has come back in the meantime, however long it was away, the wait is short.
            var delay = pause.EndsOnRecovery && pause.Delay > LongestAfterRecovery ? LongestAfterRecovery : pause.Delay;
            await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(false);
            return;
        }

        try
        {
            await outage.Recovery.WaitAsync(pause.Delay, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return;
        }

        // Not all at once: the server has only just come back.
        await Task.Delay(_backoff.Within(Backoff.Shortest), _time, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Pause> FollowAsync(CancellationToken cancellationToken)
    {
        if (_candidates is null)
        {
            _candidates = await context.Versions.OfAsync(target, cancellationToken).ConfigureAwait(false);
            _candidate = 0;
        }

        if (_candidate >= _candidates.Count)
        {
            return await AbsentAsync(cancellationToken).ConfigureAwait(false);
        }

        var path = new CollectionPath(target, _candidates[_candidate]);
        if (_version is null && (_listsOnce || !context.Features.HasInitialEvents))
        {
            await ListAsync(path, cancellationToken).ConfigureAwait(false);
        }

        return await WatchAsync(path, cancellationToken).ConfigureAwait(false);
    }

    private async Task ListAsync(CollectionPath path, CancellationToken cancellationToken)
    {
        _asksForInitialEvents = false;

        // The first time what the server has at hand will do. Later it might be older than what was told already.
        var oldest = _condition.IsKnown ? _oldest : CollectionPath.AtHand;
        var list = new PagedList(context.Connection, _time, Contact);
        await context.Lists.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var (found, version) = await list.ReadAsync(
                path, oldest, () => new ListReplacement(_set, _decoder), cancellationToken).ConfigureAwait(false);
            Listed(found, version);
        }
        finally
        {
            context.Lists.Release();
        }
    }

    private async Task<Pause> WatchAsync(CollectionPath path, CancellationToken cancellationToken)
    {
        var initial = _version is null ? new ListReplacement(_set, _decoder) : null;
        _asksForInitialEvents = initial is not null;
        var hasEvents = false;
        var hasInitial = false;
        var begun = _time.GetTimestamp();
        var life = WatchStream.Life(_backoff);
        var stream = new WatchStream(context.Connection, _time, _rhythm)
        {
            Form = path.WatchForm,
            Patience = () => initial is null ? null
                : InitialEvents - _time.GetElapsedTime(begun) is var left && left < InitialSilence ? left
                : InitialSilence,
        };
        var (reason, fault) = await stream.RunAsync(path.Watch(_version, life), life, Opened, OnEvent, Flush, cancellationToken).ConfigureAwait(false);
        context.Metrics.Ended(target.Kind.Kind, reason);
        if (initial is not null)
        {
            return InitialEnded(reason, fault, hasInitial);
        }

        // Without a version there is nothing to go on from.
        _version = string.IsNullOrEmpty(_version) ? null : _version;
        var wasGood = hasEvents || _time.GetElapsedTime(begun) >= ShortWatch;
        return Ended(reason, fault, wasGood);

        void Opened()
        {
            Contact();
            _absentSince = null;
            if (initial is null)
            {
                Tell(WatchState.Live, "");
            }
        }

        void OnEvent(WatchLine line)
        {
            if (initial is null)
            {
                hasEvents = true;
                Apply(line);
                return;
            }

            hasInitial = true;
            if (Collect(line, initial))
            {
                initial = null;
                context.Features.SentInitialEvents();
            }
        }
    }

    /// <summary>Takes an event that belongs to the beginning of a watch.</summary>
    /// <returns>Whether it was the end of the beginning.</returns>
    private bool Collect(WatchLine line, ListReplacement initial)
    {
        switch (line.Type)
        {
            case WatchEventType.Added or WatchEventType.Modified:
                initial.Add(line.Object);
                return false;

            case WatchEventType.Deleted:
                initial.Remove(line.Object);
                return false;

            case WatchEventType.Bookmark when ObjectHead.Read(line.Object) is { EndsInitialEvents: true } head:
                Listed(initial, head.ResourceVersion);
                return true;

            default:
                return false;
        }
    }

    private void Apply(WatchLine line)
    {
        if (line.Type is WatchEventType.Unknown or WatchEventType.Error)
        {
            return;
        }

        var head = ObjectHead.Read(line.Object);
        switch (line.Type)
        {
            case WatchEventType.Added or WatchEventType.Modified:
                _set.Put(_decoder.Decode(line.Object));
                context.Metrics.Event(target.Kind.Kind);
                break;

            case WatchEventType.Deleted:
                _set.Remove(_decoder.KeyOf(head));
                context.Metrics.Event(target.Kind.Kind);
                break;
        }

        _version = head.ResourceVersion.Length > 0 ? head.ResourceVersion : _version;
        _oldest = head.ResourceVersion.Length > 0 ? head.ResourceVersion : _oldest;
    }

    private void Listed(ListReplacement found, string version)
    {
        _set.Replace(found);
        _version = version;
        _oldest = version.Length > 0 ? version : null;
        _listsOnce = false;
        context.Absent.HasListed();
        _absentSince = null;
        context.Metrics.Listed(target.Kind.Kind);
        Contact();
        Tell(WatchState.Live, "");
    }

    private void Contact() => Volatile.Write(ref _lastContact, _time.GetTimestamp());

    /// <summary>Tells what came of a piece of the stream.</summary>
    private void Flush()
    {
        Contact();
        TellChanges();
    }

    private void TellChanges()
    {
        if (_set.TakeChanges(condition: null) is { } update)
        {
            _sink(update);
        }
    }

    /// <summary>Tells how the set is followed, where that changed, with all that changed in it.</summary>
    private void Tell(WatchState state, string detail)
    {
        var isKnown = _condition.IsKnown || state is WatchState.Live or WatchState.NotInstalled;
        // The first reason stands for as long as the state does: that the server now fails in other words changes nothing for anybody.
        var isSame = (state, isKnown) == (_condition.State, _condition.IsKnown) && _condition.Detail.Length > 0;
        var condition = new WatchCondition(state, isKnown, isSame ? _condition.Detail : detail);
        var isNews = condition != _condition;
        if (isNews)
        {
            LogCondition(_condition, condition);
            _condition = condition;
        }
        else if (detail.Length > 0 && detail != condition.Detail)
        {
            LogReason(target, detail);
        }

        if (_set.TakeChanges(isNews ? condition : null) is { } update)
        {
            _sink(update);
        }
    }
}
