namespace MeshSdk;

/// <summary>
/// Ejection by failure percentage (gRFC A50): at each <c>interval</c> of a destination rule, endpoints are ejected of whose requests more than
/// <see cref="Threshold"/> percent have failed. An error is what the rule's other detectors take for one.
/// </summary>
public sealed class MeshFailurePercentageOptions
{
    /// <summary>Default false.</summary>
    public bool Enabled { get; set; }

    /// <summary>More failures than so many of a hundred requests are too many. Default 85.</summary>
    public int Threshold { get; set; } = 85;

    /// <summary>How many of a hundred endpoints that are found are ejected. Default 100.</summary>
    public int Enforcement { get; set; } = 100;

    /// <summary>How many endpoints must have had enough requests. Default 5.</summary>
    public int MinimumHosts { get; set; } = 5;

    /// <summary>How many requests in an interval are enough. Default 50.</summary>
    public int RequestVolume { get; set; } = 50;
}
