namespace MeshSdk.Kubernetes.Connection;

/// <summary>
/// Knows whether the API server can be reached. While it cannot, one request asks every other second on behalf of all that wait, whose own back-offs grow
/// meanwhile: they are woken when it answers.
/// </summary>
/// <param name="probe">Asks the server for something, and reports through <see cref="Answered"/> where it answers.</param>
internal sealed class Outage(Func<CancellationToken, Task> probe, TimeProvider time, Random random) : IAsyncDisposable
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource? _recovery;
    private Task _probing = Task.CompletedTask;

    /// <summary>Completes when the server answers. It has completed where it does already.</summary>
    public Task Recovery
    {
        get
        {
            lock (_lock)
            {
                return _recovery?.Task ?? Task.CompletedTask;
            }
        }
    }

    public bool IsDown => !Recovery.IsCompleted;

    /// <summary>A request had no answer.</summary>
    public void Failed()
    {
        lock (_lock)
        {
            if (_recovery is not null || _stop.IsCancellationRequested)
            {
                return;
            }

            _recovery = new(TaskCreationOptions.RunContinuationsAsynchronously);
            using (ExecutionContext.SuppressFlow())
            {
                _probing = Task.Run(ProbeAsync, CancellationToken.None);
            }
        }
    }

    /// <summary>A request had an answer, whatever it was.</summary>
    public void Answered()
    {
        // Nearly all calls find nothing to do.
        if (Volatile.Read(ref _recovery) is null)
        {
            return;
        }

        TaskCompletionSource? recovery;
        lock (_lock)
        {
            (recovery, _recovery) = (_recovery, null);
        }

        recovery?.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Answered();
        await _probing.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task ProbeAsync()
    {
        try
        {
            while (IsDown)
            {
#pragma warning disable CA5394 // Spreads load; guards nothing.
                await Task.Delay(ProbeInterval * (1 + (random.NextDouble() / 2)), time, _stop.Token).ConfigureAwait(false);
#pragma warning restore CA5394
                using var timeout = new CancellationTokenSource(ProbeTimeout, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop.Token);
                try
                {
                    await probe(either.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
                {
                    // Too long without an answer: still down.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }
}
