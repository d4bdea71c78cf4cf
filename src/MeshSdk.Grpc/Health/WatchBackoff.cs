namespace MeshSdk.Grpc.Health;

/// <summary>How long to wait before an endpoint is asked again: as gRPC waits before it connects again.</summary>
internal static class WatchBackoff
{
    private const double Growth = 1.6;
    private const double Jitter = 0.2;
    private const double FirstSeconds = 1;
    private const double MostSeconds = 120;

    /// <param name="failures">How often in a row nothing was heard before this one.</param>
    /// <param name="random">From 0 to less than 1.</param>
    public static TimeSpan Of(int failures, double random)
    {
        var wait = Math.Min(MostSeconds, FirstSeconds * Math.Pow(Growth, failures));
        return TimeSpan.FromSeconds(wait * (1 + (Jitter * ((2 * random) - 1))));
    }
}
