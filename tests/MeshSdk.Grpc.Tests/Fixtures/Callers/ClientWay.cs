namespace MeshSdk.Grpc.Tests.Fixtures.Callers;

/// <summary>The ways to make a client of the mesh.</summary>
public enum ClientWay
{
    /// <summary><c>mesh.CreateCallInvoker()</c>.</summary>
    Invoker,

    /// <summary><c>AddGrpcClient().AddMeshRouting()</c> in a mesh with <c>UseGrpc()</c>.</summary>
    Factory,

    /// <summary>The same in a mesh that knows nothing of gRPC.</summary>
    PlainFactory,

    /// <summary>A channel over <c>mesh.CreateHandler()</c>.</summary>
    Channel,
}
