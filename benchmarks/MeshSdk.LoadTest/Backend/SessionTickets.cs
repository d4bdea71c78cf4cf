namespace MeshSdk.LoadTest.Backend;

/// <summary>With what servers let their callers take up a session of TLS again.</summary>
internal enum SessionTickets
{
    /// <summary>All ports read each other's tickets, as those of one process do.</summary>
    Shared,

    /// <summary>Each port reads its own tickets alone, as each pod of a service does.</summary>
    OfEachPort,

    /// <summary>Every handshake is a full one.</summary>
    None,
}
