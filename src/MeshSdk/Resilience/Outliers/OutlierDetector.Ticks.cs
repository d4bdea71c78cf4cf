using MeshSdk.Model;

namespace MeshSdk.Resilience.Outliers;

// What happens at the ticks of the interval: endpoints are compared, those whose time is over return, and those that keep well are trusted more.
internal sealed partial class OutlierDetector
{
    private void Tick()
    {
        var news = new List<EjectionNews>();
        lock (_gate)
        {
            if (_rules is not { } rules || !_ticks.IsRunning)
            {
                return;
            }

            if (_ticks.TakeDue())
            {
                if (rules.Compares)
                {
                    Compare_NeedsLock(rules.Model, news);
                }

                foreach (var monitor in _monitors.Values)
                {
                    if (monitor.Ejection is not null)
                    {
                        TryReturn_NeedsLock(rules.Model, monitor, news);
                    }
                    else if (monitor.Backoff > 0 && _ticks.Now - monitor.ReturnedAt >= rules.Model.Interval)
                    {
                        monitor.Backoff--;
                    }
                }
            }

            WaitIfNeeded_NeedsLock();
        }

        Tell(news);
    }

    private void TryReturn_NeedsLock(OutlierDetectionModel model, EndpointMonitor monitor, List<EjectionNews> news)
    {
        var elapsed = _ticks.Now - monitor.EjectedAt;
        if (elapsed < EjectionTime.Of(model, monitor.Backoff))
        {
            return;
        }

        var reason = monitor.Ejection!.Reason;
        Forget_NeedsLock(monitor);
        monitor.Reset();
        monitor.Endpoint.IsEjected = false;
        monitor.ReturnedAt = _ticks.Now;
        news.Add(new EjectionNews(EjectionNewsKind.Returned, monitor.Endpoint, reason, elapsed, _ejected, _monitors.Count, model.MaxEjectionPercent));
    }

    // Those that are ejected have no say in what is usual. Their counts begin anew with the others', so that they return with a clean slate.
    private void Compare_NeedsLock(OutlierDetectionModel model, List<EjectionNews> news)
    {
        var present = new List<EndpointMonitor>(_monitors.Count);
        var tallies = new List<CallTally>(_monitors.Count);
        foreach (var monitor in _monitors.Values)
        {
            var tally = monitor.Calls!.Swap();
            if (monitor.Ejection is null)
            {
                present.Add(monitor);
                tallies.Add(tally);
            }
        }

        if (model.SuccessRate is { } successRate)
        {
            Eject(Comparison.BySuccessRate(successRate, tallies), EjectionReason.SuccessRate, successRate.Enforcement);
        }

        if (model.FailurePercentage is { } failurePercentage)
        {
            Eject(Comparison.ByFailurePercentage(failurePercentage, tallies), EjectionReason.FailurePercentage, failurePercentage.Enforcement);
        }

        void Eject(IReadOnlyList<int> outliers, EjectionReason reason, int enforcement)
        {
            foreach (var i in outliers)
            {
                if (present[i].Ejection is null)
                {
                    news.Add(TryEject_NeedsLock(model, present[i], reason, enforcement));
                }
            }
        }
    }

    // As long as endpoints are compared, or some are ejected or not fully trusted yet. All others need no ticks, and no timer.
    private void WaitIfNeeded_NeedsLock()
    {
        if (_rules is { Compares: true } || _monitors.Values.Any(static m => m.Ejection is not null || m.Backoff > 0))
        {
            if (!_ticks.IsRunning)
            {
                // Ticks that nobody waited for.
                _ticks.TakeDue();
            }

            _ticks.Wait();
        }
        else
        {
            _ticks.Dispose();
        }
    }
}
