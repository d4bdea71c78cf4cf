namespace MeshSdk.Kubernetes.Watching;

/// <summary>What comes between two attempts.</summary>
/// <param name="Delay">How long to wait.</param>
/// <param name="EndsOnRecovery">The server could not be reached: there is no more reason to wait when it can.</param>
internal readonly record struct Pause(TimeSpan Delay, bool EndsOnRecovery = false)
{
    public static readonly Pause None = new(TimeSpan.Zero);
}
