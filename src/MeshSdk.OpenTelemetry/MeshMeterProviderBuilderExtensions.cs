namespace OpenTelemetry.Metrics;

/// <summary>Adds the metrics of the mesh to OpenTelemetry.</summary>
public static class MeshMeterProviderBuilderExtensions
{
    /// <summary>
    /// Collects the meter <c>MeshSdk</c>: <c>istio_requests_total</c> with Istio's labels, one count a request, when its outcome is known; in a
    /// server of the mesh also for the requests that come in, with <c>reporter="destination"</c>.
    /// </summary>
    /// <param name="builder">The application's metrics.</param>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static MeterProviderBuilder AddMeshInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter("MeshSdk");
    }
}
