using MeshSdk.LoadTest.Protos;

namespace MeshSdk.LoadTest.Contenders;

/// <summary>One way to call the gRPC servers, and what must be disposed of afterwards, in that order.</summary>
internal sealed class GrpcContender(string name, Target.TargetClient client, params IDisposable[] owned) : IDisposable
{
    public string Name { get; } = name;

    public Target.TargetClient Client { get; } = client;

    public void Dispose() => Array.ForEach(owned, static disposable => disposable.Dispose());
}
