namespace MeshSdk.Transport;

/// <summary>
/// The handlers of a profile that may be forgotten, together with the clients that have it. A handler that is forgotten does not close its
/// connections: the read that each one has pending keeps it alive until the idle timeout. Responses that are still being read go on.
/// </summary>
internal sealed class ForgottenPair : ProtocolPair
{
    // A handler may be one of the application's own, which has no business on the finalizer thread.
    ~ForgottenPair() => ThreadPool.UnsafeQueueUserWorkItem(static pair => pair.Close(), this, preferLocal: false);

    private void Close()
    {
        try
        {
            Dispose();
        }
#pragma warning disable CA1031 // Nobody is there to be told, and it must not end the process.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
