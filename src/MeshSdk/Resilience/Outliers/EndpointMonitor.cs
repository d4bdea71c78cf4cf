using MeshSdk.Transport;

namespace MeshSdk.Resilience.Outliers;

/// <summary>
/// Counts what an endpoint does wrong, as Envoy does: errors in a row, by kind. Runs on the path of requests, without locks; while all goes well it
/// writes nothing. When a count reaches its threshold the detector decides what comes of it.
/// </summary>
internal sealed class EndpointMonitor(EndpointState endpoint, OutlierDetector detector) : IOutcomeSink
{
    // What Envoy takes a failure on this side of the connection for, unless such are counted apart.
    private const int ConnectFailedStatus = 503;
    private const int TimedOutStatus = 504;

    private int _errors;
    private int _gatewayErrors;
    private int _localFailures;
    private volatile CallCounts? _calls;

    /// <summary>Changes only where another state takes the place of the endpoint.</summary>
    public EndpointState Endpoint { get; set; } = endpoint;

    /// <summary>Errors in a row of each kind, for tests.</summary>
    public (int Errors, int GatewayErrors, int LocalFailures) Counts =>
        (Volatile.Read(ref _errors), Volatile.Read(ref _gatewayErrors), Volatile.Read(ref _localFailures));

    /// <summary>Kept only where endpoints are compared.</summary>
    public CallCounts? Calls => _calls;

    /// <summary>Null while it is not ejected. The detector's, like all that follows.</summary>
    public Ejection? Ejection { get; set; }

    /// <summary>How many base times the next ejection lasts, less one.</summary>
    public int Backoff { get; set; }

    /// <summary>On the clock of the detector's ticks.</summary>
    public TimeSpan EjectedAt { get; set; }

    /// <inheritdoc cref="EjectedAt"/>
    public TimeSpan ReturnedAt { get; set; }

    public bool IsError(int status) => detector.Rules?.IsError(status) == true;

    public void Record(AttemptOutcome outcome)
    {
        if (outcome.Kind == AttemptOutcomeKind.Abandoned || detector.Rules is not { } rules)
        {
            return;
        }

        var isAnswer = outcome.Kind == AttemptOutcomeKind.Answered;
        var isError = !isAnswer || rules.IsError(outcome.Status);
        _calls?.Count(isError);
        if (!rules.Model.SplitsLocalOrigin)
        {
            CountStatus(rules, isError, isAnswer ? outcome.Status : outcome.Kind == AttemptOutcomeKind.TimedOut ? TimedOutStatus : ConnectFailedStatus);
        }
        else if (isAnswer)
        {
            // Envoy begins anew at each request that finds a connection, so that resets and timeouts, which come after that, would never add up.
            Reset(ref _localFailures);
            CountStatus(rules, isError, outcome.Status);
        }
        else
        {
            Count(ref _localFailures, rules.Model.ConsecutiveLocalOriginFailures, EjectionReason.ConsecutiveLocalOriginFailures);
        }
    }

    /// <summary>An ejection for this reason was tried, with or without success.</summary>
    public void Reset(EjectionReason reason)
    {
        switch (reason)
        {
            case EjectionReason.Consecutive5xx:
                Reset(ref _errors);
                break;
            case EjectionReason.ConsecutiveGatewayErrors:
                Reset(ref _gatewayErrors);
                break;
            case EjectionReason.ConsecutiveLocalOriginFailures:
                Reset(ref _localFailures);
                break;
        }
    }

    /// <summary>It is back: what it did before, and on its way out, no longer counts.</summary>
    public void Reset()
    {
        Reset(ref _errors);
        Reset(ref _gatewayErrors);
        Reset(ref _localFailures);
    }

    /// <summary>
    /// A new policy is in force. A count that is past its threshold by now would never meet it, since it is met only on the way up: the next error does.
    /// </summary>
    public void Follow(OutlierRules rules)
    {
        Bound(ref _errors, rules.Model.Consecutive5xx);
        Bound(ref _gatewayErrors, rules.Model.ConsecutiveGatewayErrors);
        Bound(ref _localFailures, rules.Model.SplitsLocalOrigin ? rules.Model.ConsecutiveLocalOriginFailures : 0);
        _calls = rules.Compares ? _calls ?? new CallCounts() : null;
    }

    private void CountStatus(OutlierRules rules, bool isError, int status)
    {
        if (!isError)
        {
            Reset(ref _gatewayErrors);
            Reset(ref _errors);
            return;
        }

        if (OutlierRules.IsGatewayError(status))
        {
            Count(ref _gatewayErrors, rules.Model.ConsecutiveGatewayErrors, EjectionReason.ConsecutiveGatewayErrors);
        }
        else
        {
            Reset(ref _gatewayErrors);
        }

        Count(ref _errors, rules.Model.Consecutive5xx, EjectionReason.Consecutive5xx);
    }

    // Of many that count at once exactly one meets the threshold.
    private void Count(ref int count, int threshold, EjectionReason reason)
    {
        if (threshold > 0 && Interlocked.Increment(ref count) == threshold)
        {
            detector.Suspect(this, reason);
        }
    }

    // Read before it is written: the cache line of an endpoint that is well stays shared.
    private static void Reset(ref int count)
    {
        if (Volatile.Read(ref count) != 0)
        {
            Volatile.Write(ref count, 0);
        }
    }

    private static void Bound(ref int count, int threshold)
    {
        if (Volatile.Read(ref count) >= threshold)
        {
            Volatile.Write(ref count, Math.Max(threshold - 1, 0));
        }
    }
}
