namespace MeshSdk.Kubernetes.Snapshots;

/// <summary>A snapshot directory that is not safe to use. The message is for people.</summary>
internal sealed class SnapshotException(string message, Exception? inner = null) : Exception(message, inner);
