using MeshSdk.Model;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MeshSdk.DependencyInjection;

/// <summary>
/// Unhealthy while no configuration has arrived; degraded while something in it cannot be read and the last good version stands in, and while changes
/// do not get through.
/// </summary>
internal sealed class MeshHealthCheck(Mesh mesh) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check(context.Registration.FailureStatus));

    private HealthCheckResult Check(HealthStatus failure)
    {
        var status = mesh.Status;
        var snapshot = mesh.Runtime.Snapshot;
        var data = new Dictionary<string, object>
        {
            ["status"] = status.ToString(),
            ["services"] = snapshot.Services.Count,
            ["revision"] = snapshot.Revision,
        };
        var problem = mesh.Runtime.Failure;
        if (problem is not null)
        {
            data["failure"] = problem.Message;
        }

        return status switch
        {
            MeshStatus.Disabled => HealthCheckResult.Healthy("The mesh is switched off; calls pass through.", data),
            MeshStatus.Ready when mesh.Runtime.SourceLost => HealthCheckResult.Degraded(
                $"The configuration source is lost and no change will arrive; the last configuration stays in force: {problem?.Message}", problem, data),
            MeshStatus.Ready when problem is not null => HealthCheckResult.Degraded(
                $"A change cannot be put in force and is tried again; what was in force stays so: {problem.Message}", problem, data),
            MeshStatus.Ready when FirstUnreadable(snapshot) is { } unreadable =>
                HealthCheckResult.Degraded($"The last good version stands in for {unreadable}", data: data),
            MeshStatus.Ready => HealthCheckResult.Healthy("The mesh configuration is in force.", data),
            MeshStatus.Failed => new HealthCheckResult(failure, $"The mesh cannot start: {problem?.Message}", problem, data),
            _ when problem is not null => new HealthCheckResult(
                failure, $"The mesh has received its configuration and cannot put it in force: {problem.Message}", problem, data),
            _ => new HealthCheckResult(failure, "The mesh has not received its configuration yet.", data: data),
        };
    }

    // A service that answers for its own broken rule is no matter of the mesh's health; it is logged, and its callers see it.
    private static MeshDiagnostic? FirstUnreadable(MeshSnapshot snapshot) =>
        snapshot.Diagnostics.FirstOrDefault(static d => d.Severity == DiagnosticSeverity.Error);
}
