namespace MeshSdk.Http.Rpc;

/// <summary>How many messages each side of a gRPC method sends. On the wire nothing tells one kind from another.</summary>
internal enum RpcKind
{
    /// <summary>Nobody has said.</summary>
    Unknown,

    /// <summary>One message each.</summary>
    Unary,
    ClientStreaming,
    ServerStreaming,
    DuplexStreaming,
}
