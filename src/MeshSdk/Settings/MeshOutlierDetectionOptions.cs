namespace MeshSdk;

/// <summary>
/// What is added to the outlier detection that destination rules state, and that they cannot state. Services without any stay without. All of it is off
/// by default.
/// </summary>
public sealed class MeshOutlierDetectionOptions
{
    /// <summary>
    /// Whether one endpoint of a service may be ejected whatever its <c>maxEjectionPercent</c> is. Without, a service of fewer than ten endpoints never
    /// has one ejected under the usual 10 %. Default false, as in Istio.
    /// </summary>
    public bool AlwaysEjectOne { get; set; }

    /// <summary>Ejects endpoints whose success rate is far below that of the others (gRFC A50).</summary>
    public MeshSuccessRateOptions SuccessRate { get; set; } = new();

    /// <summary>Ejects endpoints of whose requests too large a share fails (gRFC A50).</summary>
    public MeshFailurePercentageOptions FailurePercentage { get; set; } = new();
}
