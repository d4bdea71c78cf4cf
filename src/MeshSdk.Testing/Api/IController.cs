namespace MeshSdk.Testing.Api;

/// <summary>Keeps a part of the cluster as it should be, for as long as the server runs.</summary>
internal interface IController
{
    /// <summary>Runs until cancelled.</summary>
    Task RunAsync(IClusterApi api, CancellationToken ct);
}
