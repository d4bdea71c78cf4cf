namespace MeshSdk.Kubernetes.Watching;

/// <summary>A cancellation token that fires at a time that can be moved, or when the caller cancels, and that tells which of the two it was.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _callers;
    private readonly CancellationToken _cancellationToken;

    public Deadline(TimeProvider time, CancellationToken cancellationToken)
    {
        _source = new(Timeout.InfiniteTimeSpan, time);
        _cancellationToken = cancellationToken;
        _callers = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>It was the time that ran out.</summary>
    public bool HasPassed => _source.IsCancellationRequested && !_cancellationToken.IsCancellationRequested;

    /// <summary>Moves the deadline.</summary>
    /// <returns><see cref="Token"/>.</returns>
    public CancellationToken Set(TimeSpan fromNow)
    {
        _source.CancelAfter(fromNow > TimeSpan.Zero ? fromNow : TimeSpan.Zero);
        return Token;
    }

    public void Dispose()
    {
        _callers.Dispose();
        _source.Dispose();
    }
}
