namespace MeshSdk;

/// <summary>How far a mesh has come.</summary>
public enum MeshStatus
{
    /// <summary>Nobody has called yet.</summary>
    NotStarted,

    /// <summary>Waiting for the first complete configuration.</summary>
    Starting,

    /// <summary>A configuration is in force.</summary>
    Ready,

    /// <summary>No configuration will ever come; the log says why.</summary>
    Failed,

    /// <summary>Switched off (<see cref="MeshOptions.Enabled"/>): every call passes through.</summary>
    Disabled,

    /// <summary>A sidecar does what would be done here (<see cref="MeshOptions.DataPlane"/>): every call passes through.</summary>
    PassThrough,
}
