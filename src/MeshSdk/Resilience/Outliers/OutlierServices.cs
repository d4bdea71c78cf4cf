namespace MeshSdk.Resilience.Outliers;

/// <summary>What the detectors of all clusters of one mesh share.</summary>
internal sealed record OutlierServices(Random Random, Ejections Ejections, IEjectionObserver? Observer)
{
    /// <summary>For clusters without a mesh around them.</summary>
    public static OutlierServices Alone => new(Random.Shared, new Ejections(), null);
}
