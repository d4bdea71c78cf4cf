namespace MeshSdk.AspNetCore.Telemetry;

/// <summary>Why a request was refused.</summary>
internal enum RefusalKind
{
    /// <summary>By an authorization policy, or for want of one that allows it.</summary>
    Policy,

    /// <summary>Its connection is of a kind that is not taken any more.</summary>
    Mode,

    /// <summary>It is not known what the policies are.</summary>
    Unknown,

    /// <summary>The port answers some paths alone, and this is none of them.</summary>
    Path,
}
