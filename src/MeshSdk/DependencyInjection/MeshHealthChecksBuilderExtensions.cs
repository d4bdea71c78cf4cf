using MeshSdk;
using MeshSdk.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the mesh to an application's health checks.</summary>
public static class MeshHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check that fails until the first configuration is in force, and is degraded while part of it cannot be read or is not
    /// followed. Needs <c>AddMesh()</c>.
    /// </summary>
    /// <param name="builder">The application's health checks.</param>
    /// <param name="name">The check's name. Default <c>mesh</c>.</param>
    /// <param name="failureStatus">What it reports as failure. Default <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">Tags to select it by.</param>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IHealthChecksBuilder AddMesh(
        this IHealthChecksBuilder builder, string name = "mesh", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name, static services => new MeshHealthCheck(services.GetRequiredService<Mesh>()), failureStatus, tags));
    }
}
