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

    /// <summary>Completes with the first one.</summary>
    public Task First => _first.Task;

    public void Publish(MeshIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        _current = IdentityContext.Create(identity, _current);
        _failure = null;
        _first.TrySetResult();
    }

    public void Failed(Exception reason) => _failure = reason;
}
