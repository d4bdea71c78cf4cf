namespace MeshSdk.Model;

/// <summary>What else handles the traffic of this process, outside of it.</summary>
/// <param name="Kind">How much it takes over.</param>
/// <param name="Evidence">By what that is known, for people; where there is none, why none is known.</param>
internal sealed record LocalProxy(LocalProxyKind Kind, string Evidence)
{
    public static LocalProxy None { get; } = new(LocalProxyKind.None, "");
}

/// <summary>How much of the mesh's work is done by somebody else.</summary>
internal enum LocalProxyKind
{
    /// <summary>None of it, as far as is known.</summary>
    None,

    /// <summary>All of it: a proxy of the process's own takes every connection, and routes, balances and encrypts by the same policies.</summary>
    Sidecar,

    /// <summary>Encryption and identities: a proxy of the node takes every connection where it is dialled, and knows nothing of routes.</summary>
    Ambient,
}
