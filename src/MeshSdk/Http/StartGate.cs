namespace MeshSdk.Http;

/// <summary>
/// Holds calls back until the first configuration is in force. Open is the state of nearly all of a process's life, so that is one field to read.
/// </summary>
internal sealed class StartGate
{
    private readonly Func<CancellationToken, Task> _wait;
    private volatile bool _open;

    /// <param name="wait">
    /// Starts the mesh where nobody has yet, and completes when it is ready, when plain DNS shall take its place for this call, or with the exception
    /// that the call shall meet.
    /// </param>
    public StartGate(Func<CancellationToken, Task> wait) => _wait = wait;

    public bool IsOpen => _open;

    public void Open() => _open = true;

    public Task WaitAsync(CancellationToken cancellationToken) => _open ? Task.CompletedTask : _wait(cancellationToken);
}
