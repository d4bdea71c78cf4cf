namespace MeshSdk.Grpc.Tests.Fixtures.Callers;

/// <summary>The kinds of calls that a generated client has.</summary>
public enum CallKind
{
    Unary,
    BlockingUnary,
    ServerStream,
    ClientStream,
    Duplex,
}
