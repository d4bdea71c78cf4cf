namespace MeshSdk.Kubernetes.Connection;

/// <summary>
/// Knows whether the API server can be reached. While it cannot, one request asks every other second on behalf of all that wait, whose own back-offs grow
/// meanwhile: they are woken when it answers.
/// </summary>
/// <param name="probe">Asks the server for something, and reports through <see cref="Answered"/> where it answers.</param>
/// <param name="onChange">Called when the server is lost (true) and when it is back.</param>
internal sealed class Outage(Func<CancellationToken, Task> probe, Action<bool> onChange, TimeProvider time, Random random) : IAsyncDisposable
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource? _recovery;
    private Task _probing = Task.CompletedTask;
    private bool _isProbing;

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
            if (!_isProbing)
            {
                _isProbing = true;
                using (ExecutionContext.SuppressFlow())
                {
                    _probing = Task.Run(ProbeAsync, CancellationToken.None);
                }
            }
        }

        onChange(true);
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

        if (recovery is not null)
        {
            onChange(false);
            recovery.TrySetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        lock (_lock)
        {
            _recovery?.TrySetResult();
            _recovery = null;
        }

        await _probing.ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>False: the loop has ended, and the next outage begins one of its own.</summary>
    private bool GoesOn()
    {
        lock (_lock)
        {
            return _isProbing = _recovery is not null;
        }
    }

    private async Task ProbeAsync()
    {
        try
        {
            while (GoesOn())
            {
#pragma warning disable CA5394 // Spreads load; guards nothing.
                await Task.Delay(ProbeInterval * (1 + (random.NextDouble() / 2)), time, _stop.Token).ConfigureAwait(false);
#pragma warning restore CA5394
                if (!IsDown)
                {
                    // Another request was answered meanwhile.
                    continue;
                }

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
