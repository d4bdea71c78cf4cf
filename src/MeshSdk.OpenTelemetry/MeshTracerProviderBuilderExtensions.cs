namespace OpenTelemetry.Trace;

/// <summary>Adds the spans of the mesh to OpenTelemetry.</summary>
public static class MeshTracerProviderBuilderExtensions
{
    /// <summary>
    /// Collects the source <c>MeshSdk</c>: one client span for each request, with the route, the backend and the endpoint that it took.
    /// </summary>
    /// <param name="builder">The application's traces.</param>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static TracerProviderBuilder AddMeshInstrumentation(this TracerProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddSource("MeshSdk");
    }
}
