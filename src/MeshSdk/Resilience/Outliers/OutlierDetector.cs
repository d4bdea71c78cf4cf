using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.Resilience.Outliers;

/// <summary>
/// Leaves endpoints of one cluster out for a while that do badly, and lets them return at a tick of the interval. Lives as long as the cluster has a
/// policy for it; a changed policy and changed endpoints leave counts and ejections as they are.
/// </summary>
/// <remarks>
/// What is decided is decided under one lock, which requests meet only when an endpoint has reached a threshold. The selection of endpoints is made
/// anew, and observers hear of it, after the lock is given back and before the request goes on: the next pick sees the ejection.
/// </remarks>
internal sealed partial class OutlierDetector : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<EndpointState, EndpointMonitor> _monitors = new(ReferenceEqualityComparer.Instance);
    private readonly IntervalTicks _ticks;
    private readonly TimeProvider _time;
    private readonly OutlierServices _services;
    private readonly Action _refresh;
    private volatile OutlierRules? _rules;
    private int _ejected;

    /// <param name="time">The cluster's clock.</param>
    /// <param name="services">What the detectors of a mesh share.</param>
    /// <param name="refresh">Called when endpoints may be picked again, or no longer.</param>
    public OutlierDetector(TimeProvider time, OutlierServices services, Action refresh)
    {
        (_time, _services, _refresh) = (time, services, refresh);
        _ticks = new IntervalTicks(time, Tick);
    }

    /// <summary>Null before the first policy, and after the last.</summary>
    public OutlierRules? Rules => _rules;

    /// <summary>Whether a timer is running.</summary>
    public bool IsWaiting
    {
        get
        {
            lock (_gate)
            {
                return _ticks.IsRunning;
            }
        }
    }

    /// <summary>Looks at these endpoints, under this policy, from now on. Call before requests can be sent to the new ones.</summary>
    /// <param name="model">What it states.</param>
    /// <param name="endpoints">All of the cluster, those that are not ready included.</param>
    public void Apply(OutlierDetectionModel model, IReadOnlyCollection<EndpointState> endpoints)
    {
        lock (_gate)
        {
            var rules = new OutlierRules(model);
            _ticks.Interval = model.Interval;
            _rules = rules;
            var staying = new HashSet<EndpointState>(endpoints, ReferenceEqualityComparer.Instance);
            foreach (var monitor in _monitors.Values)
            {
                if (!staying.Contains(monitor.Endpoint))
                {
                    // One that is ejected is left so: until the endpoints of now are in place it could be picked.
                    _monitors.Remove(monitor.Endpoint); // allowed while enumerating
                    LetGo_NeedsLock(monitor);
                }
            }

            foreach (var endpoint in endpoints)
            {
                if (!_monitors.TryGetValue(endpoint, out var monitor))
                {
                    monitor = new EndpointMonitor(endpoint, this);
                    _monitors.Add(endpoint, monitor);
                    endpoint.Outcomes = monitor;
                }

                monitor.Follow(rules);
            }

            WaitIfNeeded_NeedsLock();
        }
    }

    /// <summary>
    /// Another state takes the place of an endpoint, which stays the same one: what is known of it goes on. Requests that are still on the old one count too.
    /// </summary>
    public void Replace(EndpointState previous, EndpointState successor)
    {
        lock (_gate)
        {
            if (!_monitors.Remove(previous, out var monitor))
            {
                return;
            }

            _monitors.Add(successor, monitor);
            monitor.Endpoint = successor;
            successor.Outcomes = monitor;
            successor.IsEjected = monitor.Ejection is not null;
            if (monitor.Ejection is { } ejection)
            {
                _services.Ejections.Remove(previous);
                monitor.Ejection = ejection with { Endpoint = successor };
                _services.Ejections.Add(monitor.Ejection);
            }
        }
    }

    /// <summary>A threshold is reached. Called by the request that reached it.</summary>
    public void Suspect(EndpointMonitor monitor, EjectionReason reason)
    {
        EjectionNews? news;
        lock (_gate)
        {
            // What is still under way when an endpoint is ejected, or has left, can reach a threshold as well.
            if (_rules is not { } rules || monitor.Ejection is not null || _monitors.GetValueOrDefault(monitor.Endpoint) != monitor)
            {
                return;
            }

            news = TryEject_NeedsLock(rules.Model, monitor, reason, enforcement: 100);
            monitor.Reset(reason);
            WaitIfNeeded_NeedsLock();
        }

        Tell([news.Value]);
    }

    /// <summary>There is no policy any more: endpoints that are ejected are so no longer. Call before the selection is made anew.</summary>
    public void Release()
    {
        foreach (var one in Stop())
        {
            _services.Observer?.Hear(one);
        }
    }

    /// <summary>The cluster is gone, or the mesh.</summary>
    public void Dispose() => Stop();

    private List<EjectionNews> Stop()
    {
        var news = new List<EjectionNews>();
        lock (_gate)
        {
            _ticks.Dispose();
            if (_rules is not { } rules)
            {
                return news;
            }

            _rules = null;
            var total = _monitors.Count;
            foreach (var monitor in _monitors.Values)
            {
                var ejection = monitor.Ejection;
                LetGo_NeedsLock(monitor);
                if (ejection is not null)
                {
                    monitor.Endpoint.IsEjected = false;
                    news.Add(new EjectionNews(
                        EjectionNewsKind.Released, monitor.Endpoint, ejection.Reason, _ticks.Now - monitor.EjectedAt, _ejected, total, rules.Model.MaxEjectionPercent));
                }
            }

            _monitors.Clear();
        }

        return news;
    }

    private EjectionNews TryEject_NeedsLock(OutlierDetectionModel model, EndpointMonitor monitor, EjectionReason reason, int enforcement)
    {
        var (kind, time) = (EjectionNewsKind.Ejected, EjectionTime.Of(model, monitor.Backoff + 1));
        if (!EjectionLimit.Allows(model, _ejected, _monitors.Count))
        {
            kind = EjectionNewsKind.Overflow;
        }
        else if (enforcement < 100 && _services.Random.Next(100) >= enforcement)
        {
            kind = EjectionNewsKind.Unenforced;
        }
        else
        {
            monitor.Backoff = EjectionTime.Grow(model, monitor.Backoff);
            time = EjectionTime.Of(model, monitor.Backoff);
            monitor.EjectedAt = _ticks.Now;
            monitor.Ejection = new Ejection(monitor.Endpoint, reason, _time.GetUtcNow(), time);
            monitor.Endpoint.IsEjected = true;
            _services.Ejections.Add(monitor.Ejection);
            _ejected++;
        }

        return new EjectionNews(kind, monitor.Endpoint, reason, time, _ejected, _monitors.Count, model.MaxEjectionPercent);
    }

    private void LetGo_NeedsLock(EndpointMonitor monitor)
    {
        monitor.Endpoint.Outcomes = null;
        Forget_NeedsLock(monitor);
    }

    private void Forget_NeedsLock(EndpointMonitor monitor)
    {
        if (monitor.Ejection is not null)
        {
            monitor.Ejection = null;
            _services.Ejections.Remove(monitor.Endpoint);
            _ejected--;
        }
    }

    // What is made anew is other people's code, and neither the request that was the last straw nor a timer can do anything about it.
    private void Refresh()
    {
        try
        {
            _refresh();
        }
#pragma warning disable CA1031 // See above.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _services.Observer?.Failed(e);
        }
    }

    // Never under the lock: code of the application listens.
    private void Tell(IReadOnlyCollection<EjectionNews> news)
    {
        if (news.Any(static n => n.Kind is EjectionNewsKind.Ejected or EjectionNewsKind.Returned))
        {
            Refresh();
        }

        foreach (var one in news)
        {
            _services.Observer?.Hear(one);
        }
    }
}
