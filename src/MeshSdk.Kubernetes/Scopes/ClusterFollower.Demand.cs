using MeshSdk.Model;

namespace MeshSdk.Kubernetes.Scopes;

// Which services are followed on demand, and what those hear who ask for them.
internal sealed partial class ClusterFollower
{
    private readonly HostAnswers _hosts;
    private readonly NamespaceAnswers _namespaces;
    private readonly Dictionary<ServiceId, FollowedService> _followed = [];
    private readonly List<FollowedService> _awaited = [];
    private bool _graphChanged;
    private string? _unconnected;

    /// <summary>See <see cref="IServiceDiscovery.Demand"/>; may be called from any thread.</summary>
    public HostDemand Demand(string host) => _settings.IsOnDemand ? _hosts.Demand(host) : _namespaces.Demand(host);

    /// <summary>See <see cref="IServiceDiscovery.Used"/>; only for the loop.</summary>
    public void Used(IEnumerable<ServiceId> services)
    {
        foreach (var id in services)
        {
            if (_followed.TryGetValue(id, out var followed))
            {
                Use(followed);
            }
        }
    }

    /// <summary>There is no API server to ask so far: those who wait are told why, and who asks later is looked for anew. Only for the loop.</summary>
    public void Unconnected(string? reason) => _unconnected = reason;

    /// <summary>Nothing will ever be found out any more: nobody waits from now on. May be called again.</summary>
    public void End(string reason)
    {
        _hosts.End(reason);
        _namespaces.End(reason);
    }

    private void Demanded(ServiceId id, HostAnswer asked)
    {
        if (_unconnected is { } reason)
        {
            _hosts.Settle(id, HostAnswer.Unknown($"Service {id}: {reason}", _time.GetTimestamp() + _time.TimestampFrequency));
            return;
        }

        if (!_followed.TryGetValue(id, out var followed))
        {
            // What routes lead to somewhere is there in all likelihood, and its endpoints are read without a further round trip.
            var isMereName = !_wantedRoutes.BackendsOf(id).Any();

            // As many names may be looked for at once as services may be followed, beside those: a process that starts calls all that it calls in one
            // moment, and whoever makes up names takes no room away from services.
            if ((isMereName ? _followed.Values.Count(static followed => followed.IsMereName) : ServiceCount) >= _settings.MaxServices)
            {
                _hosts.Settle(id, asked.WasAbsent ? _hosts.Absent(id) : HostAnswer.Unknown(isMereName ? TooManyNames(id) : TooMany(id), _hosts.NextExpiry()));
                return;
            }

            followed = Follow(id, isMereName);
            followed.WasAbsent = asked.WasAbsent;
        }

        Use(followed);

        // A little longer than its release may wait, since what is released at the last moment has yet to be put in force.
        followed.AnswerBy = _deadlines.After(_settings.FirstCallTimeout * 1.25, static () => { });
        if (!_awaited.Contains(followed))
        {
            _awaited.Add(followed);
        }
    }

    private void Use(FollowedService followed)
    {
        followed.IsRoot = true;
        followed.LastUsed = _time.GetTimestamp();
    }

    /// <summary>How many of those that are followed count for <see cref="MeshKubernetesOptions.MaxServices"/>.</summary>
    private int ServiceCount => _followed.Values.Count(static followed => !followed.IsMereName);

    private FollowedService Follow(ServiceId id, bool isMereName = false)
    {
        var service = Sets.Open(FollowedService.ServiceTarget(id), id);
        var followed = new FollowedService(id, service) { IsMereName = isMereName };
        _followed.Add(id, followed);
        if (!isMereName)
        {
            FollowEndpoints(followed);
        }

        _unreleased.Add(followed);
        Await(followed);
        _graphChanged = true;
        _certificatesChanged = true;
        _servicesChanged |= service.IsKnown;
        return followed;
    }

    /// <summary>Tells everybody who waits what is known by now.</summary>
    private void Answer()
    {
        foreach (var followed in _awaited.ToArray())
        {
            if (AnswerTo(followed) is { } answer)
            {
                _awaited.Remove(followed);
                if (followed.IsAbsent || answer.Demand.Knowledge == HostKnowledge.Absent && !followed.Service.IsKnown)
                {
                    followed.IsRoot = false;
                    if (!Reach(_followed.Keys.Where(id => id != followed.Id)).Contains(followed.Id))
                    {
                        Drop(followed);
                    }
                }

                _hosts.Settle(followed.Id, answer);
            }
            else if (UnknownReason(followed) is { } reason && reason != followed.ToldReason)
            {
                followed.ToldReason = reason;
                _hosts.Settle(followed.Id, HostAnswer.Unknown(reason));
            }
        }
    }

    /// <summary>What is known of a service for good; null where that is nothing yet.</summary>
    private HostAnswer? AnswerTo(FollowedService followed)
    {
        if (followed.IsAbsent)
        {
            return _hosts.Absent(followed.Id);
        }

        if (followed.IsInForce)
        {
            return LoadedAnswer(followed);
        }

        // Last known stays: a server that is away is no reason to fail calls to a name that was none of its services a moment ago.
        var isUnreachable = followed.Service is { IsKnown: false, IsForbidden: false } service && (service.IsOverdue || service.Condition.Detail.Length > 0);
        return followed.WasAbsent && isUnreachable ? _hosts.Absent(followed.Id) : null;
    }

    private static HostAnswer LoadedAnswer(FollowedService followed) =>
        followed.Service.Objects.Values.FirstOrDefault() is Resources.Service { IsExternalName: true } ? HostAnswer.Alias : HostAnswer.Loaded;

    private string? UnknownReason(FollowedService followed) =>
        followed.Service is { IsKnown: false, IsSettled: true } service ? $"Service {followed.Id}: {service.Reason}"
        : _time.GetTimestamp() >= followed.AnswerBy ? $"Service {followed.Id} has been read, and is not in force yet."
        : null;

    private static string CapReason(int cap) =>
        $"{cap} services are followed already, and no more may be (Mesh:Kubernetes:{nameof(MeshKubernetesOptions.MaxServices)}).";

    private string TooMany(ServiceId id) => $"Service {id} is not followed: {CapReason(_settings.MaxServices)}";

    private string TooManyNames(ServiceId id) =>
        $"Service {id} is not looked for: of {_settings.MaxServices} other names it is not known yet whether there are such services.";

    private void ScheduleSweep() => _deadlines.After(
        TimeSpan.FromTicks(Math.Max(_settings.IdleTimeout.Ticks / 8, TimeSpan.TicksPerSecond)),
        () =>
        {
            ScheduleSweep();
            Sweep();
        });

    /// <summary>Lets go of what nobody has called for long, and of what no route leads to any more.</summary>
    private void Sweep()
    {
        _hosts.Trim();
        foreach (var followed in _followed.Values)
        {
            followed.IsRoot &= _time.GetElapsedTime(followed.LastUsed) < _settings.IdleTimeout;
        }

        var needed = Needed();
        foreach (var followed in _followed.Values.Where(followed => !needed.Contains(followed.Id)).ToArray())
        {
            // First of all: whoever finds its frontends gone asks for it anew instead of being told that it is there.
            _hosts.Forget(followed.Id);
            _awaited.Remove(followed);
            Drop(followed);
        }
    }

    private void Drop(FollowedService followed)
    {
        _followed.Remove(followed.Id);
        _unreleased.Remove(followed);
        foreach (var set in followed.Sets)
        {
            Sets.Close(set);
        }

        // There may be room now for what there was none for.
        _graphChanged = true;
        _certificatesChanged = true;
    }

    /// <summary>All services that are called, and those that their routes lead to.</summary>
    private HashSet<ServiceId> Needed() => Reach(_followed.Values.Where(static followed => followed.IsRoot).Select(static followed => followed.Id));

    /// <summary>The given services and all served ones that routes lead to from there, by those in force and by those that are to be.</summary>
    private HashSet<ServiceId> Reach(IEnumerable<ServiceId> from)
    {
        var reached = new HashSet<ServiceId>(from);
        var queue = new Queue<ServiceId>(reached);
        while (queue.TryDequeue(out var id))
        {
            foreach (var backend in _wantedRoutes.BackendsOf(id).Concat(_routesInForce.BackendsOf(id)))
            {
                if (_settings.Serves(backend.Namespace) && reached.Add(backend))
                {
                    queue.Enqueue(backend);
                }
            }
        }

        return reached;
    }
}
