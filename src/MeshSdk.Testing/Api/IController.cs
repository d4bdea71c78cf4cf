namespace MeshSdk.Testing.Api;

/// <summary>A control loop that the server runs beside itself.</summary>
internal interface IController
{
    /// <summary>Runs until cancelled.</summary>
    Task RunAsync(IClusterApi api, CancellationToken cancellationToken);
}
