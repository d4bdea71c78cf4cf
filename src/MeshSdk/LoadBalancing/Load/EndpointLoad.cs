using System.Net.Http.Headers;
using MeshSdk.Transport;

namespace MeshSdk.LoadBalancing.Load;

/// <summary>
/// The weight of one endpoint by its own reports. It begins to count when the endpoint has reported for a while, and ends when it has not reported for a
/// while: then the endpoint begins anew.
/// </summary>
internal sealed class EndpointLoad(TimeProvider time, LoadRules rules) : ILoadSink
{
    private readonly Lock _gate = new();
    private volatile LoadRules _rules = rules;
    private double _weight;

    // Timestamps: of the first report since it began, and of the last.
    private long? _since;
    private long? _last;

    /// <summary>Other rules are in force; what is known stays.</summary>
    public void Follow(LoadRules rules) => _rules = rules;

    public void Hear(HttpResponseHeaders headers)
    {
        var report = new LoadReport(_rules);
        if (LoadReportHeader.TryRead(headers, ref report))
        {
            Hear(report.Weight());
        }
    }

    /// <param name="weight">That of a report; 0 where it has none.</param>
    public void Hear(double weight)
    {
        if (!(weight > 0))
        {
            return;
        }

        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (HasExpired_NeedsLock(now))
            {
                // Nobody has looked since.
                _since = null;
            }

            _since ??= now;
            _last = now;
            _weight = weight;
        }
    }

    public void Rejoin()
    {
        lock (_gate)
        {
            _since = null;
        }
    }

    /// <param name="now">A timestamp of the cluster's clock.</param>
    public LoadWeight At(long now)
    {
        lock (_gate)
        {
            if (_last is null)
            {
                return default;
            }

            if (HasExpired_NeedsLock(now))
            {
                _since = null;
                return new LoadWeight(0, LoadStanding.Stale);
            }

            var stabilization = _rules.Model.StabilizationPeriod;
            return stabilization > TimeSpan.Zero && (_since is not { } since || time.GetElapsedTime(since, now) < stabilization)
                ? default
                : new LoadWeight(_weight, LoadStanding.Usable);
        }
    }

    private bool HasExpired_NeedsLock(long now) => _last is { } last && time.GetElapsedTime(last, now) >= _rules.Model.ExpirationPeriod;
}
