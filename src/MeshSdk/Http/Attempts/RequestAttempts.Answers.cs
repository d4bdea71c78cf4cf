using System.Runtime.ExceptionServices;
using MeshSdk.Http.Timeouts;
using MeshSdk.Telemetry;

namespace MeshSdk.Http.Attempts;

// What the caller gets where no try has the answer. Each of these counts the request.
internal sealed partial class RequestAttempts
{
    // Stopped between two tries, or before the first.
    private HttpResponseMessage Unanswered(Exception? error)
    {
        if (!_isCounted)
        {
            if (_deadline is { IsExpired: true } && !_caller.IsCancellationRequested && error is null or OperationCanceledException)
            {
                return Answer(504, ResponseFlags.UpstreamRequestTimeout, TryTimers.Describe("No answer came", _decision.Rule!, isRequest: true));
            }

            error = Lost(error ?? new OperationCanceledException(_caller));
        }

        ExceptionDispatchInfo.Throw(error!);
        return null;
    }

    private Exception Lost(Exception error)
    {
        _isCounted = true;
        var attempt = Begin();
        engine.Lose(ref attempt, error, _client, Sends, _caller);

        // The token of a deadline means nothing to the caller.
        return error is OperationCanceledException cancelled && cancelled.CancellationToken != _caller && _caller.IsCancellationRequested
            ? new TaskCanceledException(error.Message, error, _caller)
            : error;
    }

    private HttpResponseMessage OverBudget() =>
        Answer(503, ResponseFlags.UpstreamOverflow, $"the retry budget of {_decision.Backend!.Model.Cluster} is used up");

    private HttpResponseMessage Answer(int status, string flags, string reason)
    {
        _isCounted = true;
        var attempt = Begin();
        RequestSpan.Choose(_span, _decision, Sends);
        engine.Answer(ref attempt, status, flags, reason, _client, Sends);
        return attempt.Reply!;
    }

    private Exchange Begin() => new(_request, _decision) { Journal = new RequestJournal(_request), Span = _span };
}
