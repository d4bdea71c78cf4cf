namespace MeshSdk.Testing.Faults;

/// <summary>Something that everybody passes, except while a test holds it shut. What waits goes on when it opens.</summary>
internal sealed class FaultGate
{
    private readonly Lock _gate = new();
    private readonly List<Hold> _holds = [];
    private volatile TaskCompletionSource? _opened;

    /// <summary>Asked on every read and write, so it must cost nothing while nobody holds the gate.</summary>
    public bool IsOpen => _opened is null;

    /// <param name="applies">Whom the hold concerns; null: everybody.</param>
    public IDisposable Shut(Func<EmbeddedRequest, bool>? applies = null)
    {
        lock (_gate)
        {
            _opened ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            var hold = new Hold(this, applies);
            _holds.Add(hold);
            return hold;
        }
    }

    public ValueTask PassAsync(EmbeddedRequest? request, CancellationToken cancellationToken) =>
        IsOpen ? ValueTask.CompletedTask : WaitAsync(request, cancellationToken);

    public void Open()
    {
        lock (_gate)
        {
            _holds.Clear();
            Announce();
        }
    }

    private async ValueTask WaitAsync(EmbeddedRequest? request, CancellationToken cancellationToken)
    {
        while (ChangeAwaitedBy(request) is { } change)
        {
            await change.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private Task? ChangeAwaitedBy(EmbeddedRequest? request)
    {
        lock (_gate)
        {
            return _holds.Exists(hold => request is null || hold.Applies(request)) ? _opened!.Task : null;
        }
    }

    private void Release(Hold hold)
    {
        lock (_gate)
        {
            if (_holds.Remove(hold))
            {
                Announce();
            }
        }
    }

    // Every change wakes all who wait; those whom another hold still concerns wait for the next.
    private void Announce()
    {
        var before = _opened;
        _opened = _holds.Count == 0 ? null : new(TaskCreationOptions.RunContinuationsAsynchronously);
        before?.TrySetResult();
    }

    private sealed class Hold(FaultGate gate, Func<EmbeddedRequest, bool>? applies) : IDisposable
    {
        public bool Applies(EmbeddedRequest request) => applies is null || applies(request);

        public void Dispose() => gate.Release(this);
    }
}
