namespace MeshSdk.Security;

/// <summary>
/// The identity of this process as connections use it: the present one, whoever waits for the first one, and why there is none. Written by the one source,
/// read by every dial.
/// </summary>
internal sealed class IdentityStore : ICertificateSink
{
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile IdentityContext? _current;
    private volatile Exception? _failure;

    /// <param name="hasSource">Whether there will ever be one: a source is configured, or was found.</param>
    public IdentityStore(bool hasSource) => HasSource = hasSource;

    /// <summary>Whether there will ever be one: a source is configured, or was found.</summary>
    public bool HasSource { get; }

    /// <summary>Null before the first one.</summary>
    public IdentityContext? Current => _current;

    /// <summary>Why there is none, or none newer; null where nothing is wrong.</summary>
    public Exception? Failure => _failure;

    /// <summary>Told of every one that comes into force.</summary>
    public event Action<IdentityContext>? Changed;

    /// <summary>Whether there is none and waiting is of no use any more: what needs one is refused at once.</summary>
    public bool IsHopeless => _current is null && !HasSource;

    /// <summary>What whoever needs one is told.</summary>
    public IdentityUnavailableException Unavailable() => new("there is no identity", _failure);

    /// <summary>The present one, or the first one when it comes.</summary>
    /// <exception cref="IdentityUnavailableException">None will come.</exception>
    public async ValueTask<IdentityContext> GetAsync(CancellationToken cancellationToken)
    {
        if (IsHopeless)
        {
            throw Unavailable();
        }

        await First.WaitAsync(cancellationToken).ConfigureAwait(false);
        return _current!;
    }

    /// <summary>Completes with the first one.</summary>
    public Task First => _first.Task;

    public void Publish(MeshIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        _current = IdentityContext.Create(identity, _current);
        _failure = null;
        _first.TrySetResult();
        Changed?.Invoke(_current);
    }

    public void Failed(Exception reason) => _failure = reason;
}
