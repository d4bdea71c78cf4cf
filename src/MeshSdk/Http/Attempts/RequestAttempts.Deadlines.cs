using MeshSdk.Http.Rpc;

namespace MeshSdk.Http.Attempts;

// What a server is told of the time that a gRPC call has: the least of what is left of the caller's, of the route's for the whole, and of the try's.
internal sealed partial class RequestAttempts
{
    private void TellTimeLeft()
    {
        if (!_isGrpc)
        {
            return;
        }

        var isFirst = !_isTimeoutRead;
        if (isFirst)
        {
            _isTimeoutRead = true;
            _callersTimeout = _request.Headers.NonValidated.TryGetValues(GrpcTimeout.Header, out var values) ? values.ToString() : null;
        }

        var callers = GrpcTimeout.Parse(_callersTimeout);
        var left = Less(Less(callers - engine.Attempts.Time.GetElapsedTime(_since), _deadline?.Left), _try?.Left);

        // Nearly always the caller's own, which has just been said.
        if (left is { } time && !(isFirst && _deadline is null && _try is null))
        {
            _isTimeoutChanged = true;
            _request.Headers.Remove(GrpcTimeout.Header);
            _request.Headers.TryAddWithoutValidation(GrpcTimeout.Header, GrpcTimeout.Format(time));
        }
    }

    private void RestoreTimeout()
    {
        if (_isTimeoutChanged)
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
