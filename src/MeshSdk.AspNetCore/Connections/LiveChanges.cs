namespace MeshSdk.AspNetCore.Connections;

/// <summary>
/// Brings changes to the connections that are there: those that are not allowed any more, or whose callers nobody believes any more, end when their calls are
/// answered. All others are left alone.
/// </summary>
internal sealed class LiveChanges(MeshServer server)
{
    private int _asked;

    /// <summary>Something has changed. Whoever says so goes on at once; several changes that follow each other are one.</summary>
    public void Follow()
    {
        if (Interlocked.Increment(ref _asked) == 1)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static changes => changes.Run(), this, preferLocal: false);
        }
    }

    private void Run()
    {
        int seen;
        do
        {
            seen = Volatile.Read(ref _asked);
            foreach (var connection in server.Connections.Where(static (one, server) => one.Phase == ConnectionPhase.Open && !server.Allows(one), server))
            {
                connection.RequestClose();
            }

            // Without an identity nothing new is known of whom to believe.
            if (server.Acceptor.Trust is { } trust)
            {
                foreach (var connection in server.Connections.Where(
                    static (one, trust) => one is { Phase: ConnectionPhase.Open, Peer: { } peer, Authority: { } authority } && !trust.Believes(peer.Id, authority), trust))
                {
                    connection.Lapse();
                }
            }
        }
        while (Interlocked.CompareExchange(ref _asked, 0, seen) != seen);
    }
}
