using MeshSdk.Http.Rpc;

namespace MeshSdk.Http.Attempts;

// What a server is told of the time that a gRPC call has: the least of what is left of the caller's, of the route's for the whole, and of the try's.
internal sealed partial class RequestAttempts
{
    // The unit that a caller tells its time in.
    private static readonly TimeSpan JustNow = TimeSpan.FromMilliseconds(1);

    private void TellTimeLeft()
    {
        if (!_isGrpc)
        {
            return;
        }

        ReadTimeout();
        var passed = engine.Attempts.Time.GetElapsedTime(_since);
        var left = Less(Less(GrpcTimeout.Parse(_callersTimeout) - passed, _deadline?.Left), _try?.Left);

        // Nearly always it is the caller's own, and stands there as it has just been said. Not so where the call has waited, or was on its way to others.
        if (left is { } time && (_isTimeoutChanged || _deadline is not null || _try is not null || passed >= JustNow))
        {
            Tell(time);
        }
    }

    private void ReadTimeout()
    {
        if (!_isTimeoutRead)
        {
            _isTimeoutRead = true;
            _callersTimeout = _request.Headers.NonValidated.TryGetValues(GrpcTimeout.Header, out var values) ? values.ToString() : null;
        }
    }

    private void Tell(TimeSpan time)
    {
        _isTimeoutChanged = true;
        _request.Headers.Remove(GrpcTimeout.Header);
        _request.Headers.TryAddWithoutValidation(GrpcTimeout.Header, GrpcTimeout.Format(time));
    }

    /// <summary>Puts back what the caller has said.</summary>
    /// <param name="isOver">False where the call is decided on anew: then it goes on with what is left of that, for nobody else knows how long it has waited.</param>
    private void RestoreTimeout(bool isOver)
    {
        if (!isOver)
        {
            ReadTimeout();
            if (GrpcTimeout.Parse(_callersTimeout) is { } callers)
            {
                GrpcTimeout.Keep(_request, _callersTimeout!);
                Tell(callers - engine.Attempts.Time.GetElapsedTime(_since));
            }
        }
        else if (_isTimeoutChanged)
        {
            _request.Headers.Remove(GrpcTimeout.Header);
            if (_callersTimeout is not null)
            {
                _request.Headers.TryAddWithoutValidation(GrpcTimeout.Header, _callersTimeout);
            }
        }
    }

    private static TimeSpan? Less(TimeSpan? one, TimeSpan? other) => one is null || other < one ? other ?? one : one;
}
