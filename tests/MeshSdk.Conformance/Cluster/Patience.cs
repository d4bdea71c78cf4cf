using System.Globalization;

namespace MeshSdk.Conformance.Cluster;

/// <summary>
/// How long is waited for an expectation to come true: 30 s, as upstream, or as MESHSDK_CONFORMANCE_PATIENCE says. Where it has been in vain once, what is
/// missing will not come, and the other cases of the scenario do not wait as long.
/// </summary>
internal sealed class Patience
{
    private static readonly TimeSpan Whole = TimeSpan.FromSeconds(
        double.TryParse(Environment.GetEnvironmentVariable("MESHSDK_CONFORMANCE_PATIENCE"), CultureInfo.InvariantCulture, out var seconds) ? seconds : 30);

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(Math.Min(1, Whole.TotalSeconds));

    private volatile bool _lost;

    public TimeSpan Limit => _lost ? Rest : Whole;

    public void Lose() => _lost = true;
}
