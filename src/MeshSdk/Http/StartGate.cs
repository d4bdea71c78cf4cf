namespace MeshSdk.Http;

/// <summary>
/// Holds calls back until the first configuration is in force. Open is the state of nearly all of a process's life, so that is one field to read.
/// </summary>
internal sealed class StartGate
{
    private const int Waiting = 0;
    private const int Opened = 1;
    private const int Closed = 2;

    private readonly Func<CancellationToken, Task<bool>> _wait;
    private volatile int _state = Waiting;

    /// <param name="wait">
    /// Starts the mesh where nobody has yet, and completes with true when it is ready, with false when the call shall pass through (the mesh has been
    /// switched off, or plain DNS takes its place), or with the exception that the call shall meet.
    /// </param>
    public StartGate(Func<CancellationToken, Task<bool>> wait) => _wait = wait;

    public bool IsOpen => _state == Opened;

    public void Open() => Interlocked.CompareExchange(ref _state, Opened, Waiting);

    /// <summary>The mesh is going away: from now on every call meets what the wait says, whatever was before.</summary>
    public void Close() => _state = Closed;

    /// <returns>False where the call shall pass through.</returns>
    public Task<bool> WaitAsync(CancellationToken cancellationToken) => IsOpen ? Task.FromResult(true) : _wait(cancellationToken);
}
