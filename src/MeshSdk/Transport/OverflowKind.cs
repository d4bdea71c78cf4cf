namespace MeshSdk.Transport;

/// <summary>Of what there is as much as may be.</summary>
internal enum OverflowKind
{
    /// <summary>Requests under way.</summary>
    Requests,

    /// <summary>Requests that wait for a connection.</summary>
    Pending,

    /// <summary>Retries under way.</summary>
    Retries,
}
