namespace MeshSdk.AspNetCore.Connections;

/// <summary>How far a connection has come. It goes forward only, and into <see cref="GivenUp"/> from the first two alone.</summary>
internal enum ConnectionPhase
{
    /// <summary>No byte has come: nobody can tell what it will be.</summary>
    Silent,

    /// <summary>It begins as TLS does, and the rest of the caller's greeting is yet to come.</summary>
    Greeting,

    /// <summary>Both sides are making sure of each other.</summary>
    Handshaking,

    /// <summary>Requests may come.</summary>
    Open,

    /// <summary>It has kept silent for too long, or the server stops. HTTP never sees it.</summary>
    GivenUp,
}
