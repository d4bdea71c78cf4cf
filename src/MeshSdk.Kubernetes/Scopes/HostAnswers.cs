using System.Collections.Concurrent;
using System.Collections.Frozen;
using MeshSdk.Model;

namespace MeshSdk.Kubernetes.Scopes;

/// <summary>
/// The answers to those who ask for hosts, where services are loaded on demand. Any thread asks, the loop of the source answers. Names outside the
/// served namespaces are answered from their shape alone and leave no trace, whoever makes them up.
/// </summary>
/// <remarks>
/// That no service has a name is believed for a few seconds at first, so that one that was made a moment ago is found soon, and each time it is confirmed
/// for twice as long. For as long again it is answered while it is asked for anew: who calls such a name all the time never waits for it. A watch for every such name would be exact, but names that do not exist are what a client can make up without end.
/// </remarks>
internal sealed class HostAnswers
{
    /// <summary>How many answers with an end are kept; the oldest go first.</summary>
    public const int Capacity = 1_000;

    public static readonly TimeSpan ShortestMemory = TimeSpan.FromSeconds(5);
    public static readonly TimeSpan LongestMemory = TimeSpan.FromMinutes(1);

    private readonly FrozenDictionary<string, Names> _namespaces;
    private readonly FrozenDictionary<string, Names>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly Names _own;
    private readonly string _clusterDomain;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly Action<ServiceId, HostAnswer> _ask;

    private volatile string? _ended;

    // Only the loop touches it.
    private readonly Queue<(ServiceId Id, HostAnswer Answer)> _expiring = new();

    /// <param name="ask">Called by whoever is the first to ask for a host, from any thread; must not block.</param>
    public HostAnswers(
        string ownNamespace, IEnumerable<string> namespaces, string clusterDomain, TimeProvider time, Random random, Action<ServiceId, HostAnswer> ask)
    {
        _namespaces = namespaces.Append(ownNamespace).Distinct(StringComparer.Ordinal)
            .ToFrozenDictionary(static ns => ns, static ns => new Names(ns), StringComparer.OrdinalIgnoreCase);
        _lookup = _namespaces.GetAlternateLookup<ReadOnlySpan<char>>();
        _own = _namespaces[ownNamespace];
        _clusterDomain = clusterDomain;
        _time = time;
        _random = random;
        _ask = ask;
    }

    public HostDemand Demand(string host)
    {
        var name = HostName.Parse(host, _clusterDomain);
        Names? names = null;
        switch (name.Form)
        {
            case HostNameForm.None:
                return new HostDemand(HostKnowledge.Foreign);
            case HostNameForm.Name:
                names = _own;
                break;
            case HostNameForm.NameAndNamespace when !_lookup.TryGetValue(name.Namespace, out names):
                return new HostDemand(HostKnowledge.Foreign);
            case HostNameForm.Complete when !_lookup.TryGetValue(name.Namespace, out names):
                return new HostDemand(HostKnowledge.Absent);
        }

        return names!.Lookup.TryGetValue(name.Name, out var answer) && (answer.Expires == long.MaxValue || _time.GetTimestamp() < answer.Expires)
            ? answer.Demand
            : Ask(names, name.Name.ToString().ToLowerInvariant(), answer);
    }

    /// <summary>Replaces the answer for a host, whatever it was. Only for the loop.</summary>
    public void Settle(ServiceId id, HostAnswer answer)
    {
        var names = _namespaces[id.Namespace];
        while (true)
        {
            if (names.Answers.TryGetValue(id.Name, out var old))
            {
                if (names.Answers.TryUpdate(id.Name, answer, old))
                {
                    // After the replacement: who is let go asks again at once.
                    old.Complete();
                    break;
                }
            }
            else if (names.Answers.TryAdd(id.Name, answer))
            {
                break;
            }
        }

        if (answer.Expires != long.MaxValue)
        {
            _expiring.Enqueue((id, answer));
            Trim();
        }
    }

    /// <summary>
    /// There is nobody left who could find out anything: those who wait are let go, and what is not known is unknown from now on. For the loop, or when it
    /// is over.
    /// </summary>
    public void End(string reason)
    {
        // First, so that whoever asks in this moment is found below or finds it.
        _ended ??= reason;
        foreach (var names in _namespaces.Values)
        {
            foreach (var (name, answer) in names.Answers)
            {
                EndPending(names, name, answer);
            }
        }
    }

    /// <summary>The host is asked for anew by the next who needs it. Only for the loop.</summary>
    public void Forget(ServiceId id)
    {
        if (_namespaces[id.Namespace].Answers.TryRemove(id.Name, out var old))
        {
            old.Complete();
        }
    }

    /// <summary>When an answer ends that is given now.</summary>
    public long NextExpiry() => _time.GetTimestamp() + Spread(_expiring.Count > Capacity / 2 ? LongestMemory : ShortestMemory);

    /// <summary>That no service has a name, to be believed for longer than the last time. Only for the loop.</summary>
    public HostAnswer Absent(ServiceId id)
    {
        var last = _namespaces[id.Namespace].Answers.GetValueOrDefault(id.Name)?.Memory ?? TimeSpan.Zero;
        var memory = _expiring.Count > Capacity / 2 || last * 2 > LongestMemory ? LongestMemory
            : last == TimeSpan.Zero ? ShortestMemory
            : last * 2;
        return HostAnswer.Absent(_time.GetTimestamp() + Spread(memory), memory);
    }

    /// <summary>Drops answers that have ended. Only for the loop.</summary>
    public void Trim()
    {
        var now = _time.GetTimestamp();
        while (_expiring.TryPeek(out var oldest) && (_expiring.Count > Capacity || oldest.Answer.Expires + Ticks(oldest.Answer.Memory) <= now))
        {
            _expiring.Dequeue();

            // Unless another answer has taken its place.
            _namespaces[oldest.Id.Namespace].Answers.TryRemove(KeyValuePair.Create(oldest.Id.Name, oldest.Answer));
        }
    }

    private HostDemand Ask(Names names, string name, HostAnswer? old)
    {
        var isStillGood = old is { Demand.Knowledge: HostKnowledge.Absent } && _ended is null && _time.GetTimestamp() < old.Expires + Ticks(old.Memory);
        var pending = isStillGood ? HostAnswer.Refreshed(old!) : HostAnswer.Pending(old);
        if (old is null ? names.Answers.TryAdd(name, pending) : names.Answers.TryUpdate(name, pending, old))
        {
            if (_ended is not null)
            {
                return EndPending(names, name, pending);
            }

            _ask(new ServiceId(names.Namespace, name), pending);
            return pending.Demand;
        }

        // Somebody else was quicker. What they put there may be gone again already, and then it is as good as asked for.
        return names.Answers.TryGetValue(name, out var other) ? other.Demand : new HostDemand(HostKnowledge.Pending);
    }

    // Names that were asked for together are not asked for again together.
    private long Spread(TimeSpan memory) => Ticks(memory * (0.75 + (0.5 * _random.NextDouble())));

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _time.TimestampFrequency);

    private HostDemand EndPending(Names names, string name, HostAnswer answer)
    {
        if (answer.IsAwaited && names.Answers.TryUpdate(name, HostAnswer.Unknown(_ended!), answer))
        {
            answer.Complete();
        }

        return new HostDemand(HostKnowledge.Unknown) { Reason = _ended! };
    }

    private sealed class Names
    {
        public Names(string ns)
        {
            Namespace = ns;
            Lookup = Answers.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        public string Namespace { get; }

        public ConcurrentDictionary<string, HostAnswer> Answers { get; } = new(StringComparer.OrdinalIgnoreCase);

        public ConcurrentDictionary<string, HostAnswer>.AlternateLookup<ReadOnlySpan<char>> Lookup { get; }
    }
}
