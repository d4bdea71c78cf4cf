namespace MeshSdk;

/// <summary>
/// Ejection by success rate (gRFC A50): at each <c>interval</c> of a destination rule the share of requests that succeeded is compared among the
/// endpoints of a service. An error is what the rule's other detectors take for one.
/// </summary>
public sealed class MeshSuccessRateOptions
{
    /// <summary>Default false.</summary>
    public bool Enabled { get; set; }

    /// <summary>How many thousandths of a standard deviation below the mean are too much. Default 1900, with which one dead endpoint needs four others to be found.</summary>
    public int StdevFactor { get; set; } = 1900;

    /// <summary>How many of a hundred endpoints that are found are ejected. Default 100.</summary>
    public int Enforcement { get; set; } = 100;

    /// <summary>How many endpoints must have had enough requests. Default 5.</summary>
    public int MinimumHosts { get; set; } = 5;

    /// <summary>How many requests in an interval are enough. Default 100.</summary>
    public int RequestVolume { get; set; } = 100;
}
