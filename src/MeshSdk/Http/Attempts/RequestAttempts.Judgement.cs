using System.Runtime.ExceptionServices;
using MeshSdk.Clusters;
using MeshSdk.Http.Timeouts;
using MeshSdk.Model;
using MeshSdk.Telemetry;
using MeshSdk.Transport;

namespace MeshSdk.Http.Attempts;

// What becomes of a try: it is the answer, or another one follows, or the mesh answers.
internal sealed partial class RequestAttempts
{
    private bool Judge(ref Exchange attempt, EndpointLease lease, HttpResponseMessage response)
    {
        var verdict = RetryVerdict.No;
        if (_retry is not null)
        {
            try
            {
                verdict = DecideOn(response);
            }
            catch
            {
                // A listener to what is counted there.
                Drop(ref attempt, lease, response, AttemptOutcomeKind.Answered);
                throw;
            }
        }

        if (verdict is RetryVerdict.Yes or RetryVerdict.OverBudget)
        {
            Drop(ref attempt, lease, response, AttemptOutcomeKind.Answered);
            if (verdict == RetryVerdict.OverBudget)
            {
                _answer = OverBudget();
            }

            return verdict == RetryVerdict.Yes;
        }

        Flags = verdict switch
        {
            RetryVerdict.Exhausted => ResponseFlags.UpstreamRetryLimitExceeded,
            RetryVerdict.OverLimit => ResponseFlags.UpstreamOverflow,
            _ => ResponseFlags.None,
        };
        RequestSpan.Choose(attempt.Span, _decision, Sends);
        _isCounted = true;
        _answer = engine.Complete(ref attempt, response, _client, this);
        return false;
    }

    private bool Fail(ref Exchange attempt, EndpointLease lease, HttpResponseMessage? response, Exception error, bool wasWaiting)
    {
        var isOver = error is OperationCanceledException && !_caller.IsCancellationRequested && _deadline is { IsExpired: true };
        var isLate = isOver || (error is OperationCanceledException && !_caller.IsCancellationRequested && _try is { IsExpired: true });
        var flags = isLate ? ResponseFlags.UpstreamRequestTimeout : FailureKind.Of(error, _request.Content is not null, _caller);
        if (wasWaiting || FailureKind.IsLackOfIdentity(error))
        {
            // Nobody was dialled for it.
            Sends--;
        }

        RetryVerdict verdict;
        try
        {
            var isRetried = flags is not null && !isOver && _retry is not null && IsRetried(flags, error);
            if (isRetried)
            {
                _rpc?.Throttle?.Fail();
            }

            verdict = !isRetried
                ? RetryVerdict.No
                : Decide(wasSent: (flags != ResponseFlags.UpstreamConnectionFailure || FailureKind.MayHaveBeenSent(error)) && !wasWaiting);
        }
        finally
        {
            // What could go on with nobody else was let go of before.
            if (_isLetGo)
            {
                _isLetGo = false;
            }
            else
            {
                Drop(ref attempt, lease, response, wasWaiting ? AttemptOutcomeKind.Abandoned : FailureKind.OutcomeOf(flags, error, lease.Endpoint));
            }
        }

        switch (verdict)
        {
            case RetryVerdict.Yes:
                return true;
            case RetryVerdict.OverBudget:
                _answer = OverBudget();
                return false;
        }

        if (flags is null)
        {
            // With the stack trace that it came with.
            ExceptionDispatchInfo.Throw(Lost(error));
        }

        var reason = isLate
            ? TryTimers.Describe(wasWaiting ? $"No connection to {lease.Endpoint} was free" : $"{lease.Endpoint} did not answer", _decision.Rule!, isOver)
            : FailureKind.Reason(flags, error, lease.Endpoint);
        _answer = Answer(isLate ? 504 : FailureKind.StatusFor(flags), WithVerdict(flags, verdict), reason);
        return false;
    }

    private static string WithVerdict(string flags, RetryVerdict verdict) => verdict switch
    {
        RetryVerdict.Exhausted => ResponseFlags.Exhausted(flags),
        RetryVerdict.OverLimit => ResponseFlags.Overflowed(flags),
        _ => flags,
    };

    // A peer that breaks the rules of HTTP is answered for with 502, and retried where that is listed.
    private bool IsRetried(string flags, Exception error) => flags switch
    {
        // An identity that is missing here is missing for every endpoint.
        ResponseFlags.UpstreamConnectionFailure when FailureKind.IsLackOfIdentity(error) => false,
        ResponseFlags.UpstreamConnectionFailure when !FailureKind.MayHaveBeenSent(error) => true,
        _ when _retry!.Conditions == RetryConditions.Unprocessed => FailureKind.IsRefusedStream(error),
        ResponseFlags.UpstreamProtocolError => _retry.Codes.Contains(FailureKind.StatusFor(flags)),
        _ => true,
    };

    /// <summary>Whether a try that may be retried is.</summary>
    private RetryVerdict Decide(bool wasSent) =>
        _caller.IsCancellationRequested || _deadline is { IsExpired: true } || (wasSent && !_body.CanBeSentAgain) || RetryOptOut.IsSet(_request) ? RetryVerdict.No
        : _tries > _retry!.Attempts ? RetryVerdict.Exhausted
        : _rpc is { Throttle.Permits: false } ? RetryVerdict.No
        : wasSent && !_body.TryDetach() ? RetryVerdict.No // the caller has just written what is too much to keep
        : DecideByLimits();

    private RetryVerdict DecideByLimits()
    {
        EndRetry();
        return _decision.Backend!.Cluster!.TryRetry(out _retries) switch
        {
            RetryGrant.Granted => RetryVerdict.Yes,
            RetryGrant.OverBudget => RetryVerdict.OverBudget,
            _ => RetryVerdict.OverLimit,
        };
    }

    // What has been judged is no retry under way any more, also where it is the answer and its body is still to come: as in a sidecar.
    private void EndRetry()
    {
        _retries?.Exit();
        _retries = null;
    }

    // Not the request's outcome, but the endpoint's.
    private void Drop(ref Exchange attempt, EndpointLease lease, HttpResponseMessage? response, AttemptOutcomeKind kind)
    {
        try
        {
            attempt.Journal.Undo();
            lease.Endpoint.Record(kind, ChargeOf(response));
            if (response is not null)
            {
                lease.Endpoint.Loads?.Hear(response.Headers);
            }

            _body.Detach();

            // Reads on for a while, so that the connection can be used again.
            response?.Dispose();
        }
        finally
        {
            lease.Release();
        }
    }

    private enum RetryVerdict
    {
        No,
        Yes,
        Exhausted,

        /// <summary>The mesh answers in place of the response.</summary>
        OverBudget,

        /// <summary>The caller gets what there is.</summary>
        OverLimit,
    }
}
