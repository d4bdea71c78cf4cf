using System.Globalization;
using MeshSdk.Compilation.Conditions;
using MeshSdk.Model;
using MeshSdk.Resilience.Outliers;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MeshSdk.DependencyInjection;

/// <summary>
/// Unhealthy while no configuration has arrived, and where routes or policies may not be read, without which no call is answered; degraded while something in it cannot be read and the last good version stands in, while changes
/// do not get through, and while an API server is not heard of or refuses to tell. <see cref="IdentityHealth"/> says what the identity makes of it, and
/// <see cref="InboundHealth"/> what the server half does.
/// </summary>
internal sealed class MeshHealthCheck(Mesh mesh) : IHealthCheck
{
    private const int MostNamed = 5;

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
            ["dataPlane"] = mesh.Runtime.Proxy.Kind.ToString(),
        };
        AddRoutes(snapshot, data);
        AddEjections(data);
        AddNotServing(data);
        IdentityHealth.AddTo(data, mesh.Runtime.Identity);
        InboundHealth.AddTo(data, mesh.Runtime);
        var watches = mesh.Watches;
        foreach (var watch in watches)
        {
            data[$"watch:{watch.Kind}:{watch.Scope}"] =
                watch.Age is { } age ? string.Create(CultureInfo.InvariantCulture, $"{watch.State}, {age.TotalSeconds:0.0} s") : watch.State.ToString();
        }

        var problem = mesh.Runtime.Failure;
        if (problem is not null)
        {
            data["failure"] = problem.Message;
        }

        var identity = IdentityHealth.Of(mesh.Runtime.Identity, failure);
        var inbound = InboundHealth.Of(mesh.Runtime, failure);
        if (inbound is { } unserved && unserved.Status == failure)
        {
            return new HealthCheckResult(failure, unserved.Description, problem, data);
        }

        var result = status switch
        {
            MeshStatus.Disabled => HealthCheckResult.Healthy("The mesh is switched off; calls pass through.", data),
            MeshStatus.Ready when identity is { } missing && missing.Status == failure => Of(missing),
            MeshStatus.PassThrough => HealthCheckResult.Healthy($"A sidecar does the mesh's work; calls pass through: {mesh.Runtime.Proxy.Evidence}.", data),
            MeshStatus.Ready when mesh.Runtime.SourceLost => HealthCheckResult.Degraded(
                $"The configuration source is lost and no change will arrive; the last configuration stays in force: {problem?.Message}", problem, data),
            MeshStatus.Ready when problem is not null => HealthCheckResult.Degraded(
                $"A change cannot be put in force and is tried again; what was in force stays so: {problem.Message}", problem, data),
            MeshStatus.Ready when List(watches, IsMissing) is { Length: > 0 } missing =>
                new HealthCheckResult(failure, $"The mesh may not read what calls depend on, and answers those with 503: {missing}", data: data),
            MeshStatus.Ready when List(watches, IsLame) is { Length: > 0 } lame =>
                HealthCheckResult.Degraded($"The last known configuration stays in force where it is not followed at present: {lame}", data: data),
            MeshStatus.Ready when identity is { } failing => Of(failing),
            MeshStatus.Ready when FirstUnreadable(snapshot) is { } unreadable =>
                HealthCheckResult.Degraded($"The last good version stands in for {unreadable}", data: data),
            MeshStatus.Ready => HealthCheckResult.Healthy("The mesh configuration is in force.", data),
            MeshStatus.Failed => new HealthCheckResult(failure, $"The mesh cannot start: {problem?.Message}", problem, data),
            _ when problem is not null => new HealthCheckResult(
                failure, $"The mesh has received its configuration and cannot put it in force: {problem.Message}", problem, data),
            _ when List(watches, static watch => watch.State is MeshWatchState.Pending or MeshWatchState.Forbidden) is { Length: > 0 } missing =>
                new HealthCheckResult(failure, $"The mesh has not received its configuration yet: {missing}", data: data),
            _ => new HealthCheckResult(failure, "The mesh has not received its configuration yet.", data: data),
        };
        return inbound is { } doubtful && result.Status == HealthStatus.Healthy ? HealthCheckResult.Degraded(doubtful.Description, data: data) : result;

        HealthCheckResult Of((HealthStatus Status, string Description, Exception? Failure) found) => new(found.Status, found.Description, found.Failure, data);
    }

    // A route that is not accepted is its author's trouble: it is counted and named here, and makes no process unhealthy that merely read it.
    private static void AddRoutes(MeshSnapshot snapshot, Dictionary<string, object> data)
    {
        var (total, refused) = (0, new List<string>());
        foreach (var status in snapshot.Routes.Values.SelectMany(static statuses => statuses))
        {
            total++;
            if (status.Conditions.FirstOrDefault(static c => c is { Type: ConditionWords.Accepted, Status: ConditionWords.False }) is { } condition)
            {
                refused.Add($"{status.Kind} {status.Namespace}/{status.Name} at {status.Parent}: {condition.Reason}");
            }
        }

        data["routes"] = total;
        data["routes:notAccepted"] = refused.Count;
        if (refused.Count > 0)
        {
            refused.Sort(StringComparer.Ordinal);
            data["routes:notAccepted:first"] = string.Join("; ", refused.Take(MostNamed));
        }
    }

    // That an endpoint does badly is its own trouble, and to leave it out is what the mesh is for.
    private void AddEjections(Dictionary<string, object> data)
    {
        var ejections = mesh.Runtime.Ejections.Current;
        data["ejected"] = ejections.Count;
        if (ejections.Count > 0)
        {
            data["ejected:first"] = string.Join("; ", ejections.Take(MostNamed).Select(static e => $"{e.Endpoint}: {e.Reason.Word()}"));
        }
    }

    private void AddNotServing(Dictionary<string, object> data)
    {
        if (mesh.Runtime.EndpointHealth is { NotServing: var endpoints })
        {
            data["notServing"] = endpoints.Count;
            if (endpoints.Count > 0)
            {
                data["notServing:first"] = string.Join("; ", endpoints.Select(static e => e.ToString()).Order(StringComparer.Ordinal).Take(MostNamed));
            }
        }
    }

    // A service that is loaded by a call to it, and may not be, is that caller's trouble and not the whole process's; the same goes for what a policy for it names. Without GRPCRoutes all but gRPC calls
    // are answered, and without XBackendTrafficPolicies all are.
    private static bool IsMissing(MeshWatch watch) =>
        watch is { State: MeshWatchState.Forbidden, Age: null } && watch.Kind is not
            ("Pod" or "Node" or "Service" or "EndpointSlice" or "Secret" or "ConfigMap" or "GRPCRoute" or "XBackendTrafficPolicy" or "RequestAuthentication");

    // Pods and nodes are a help to dashboards, and to find what is near, that many will not grant; no call depends on them.
    private static bool IsLame(MeshWatch watch) =>
        watch.State == MeshWatchState.Stale || (watch.State == MeshWatchState.Forbidden && watch.Kind is not ("Pod" or "Node"));

    private static string List(IReadOnlyList<MeshWatch> watches, Func<MeshWatch, bool> isOne)
    {
        var found = watches.Where(isOne).ToList();
        return string.Join("; ", found.Take(MostNamed)) + (found.Count > MostNamed ? $"; and {found.Count - MostNamed} more" : "");
    }

    // The same goes for a policy of callers: what it says that is not understood refuses them, and nothing stands in for it.
    // A service that answers for its own broken rule is no matter of the mesh's health; it is logged, and its callers see it.
    private static MeshDiagnostic? FirstUnreadable(MeshSnapshot snapshot) =>
        snapshot.Diagnostics.FirstOrDefault(d => d.Severity == DiagnosticSeverity.Error
            && !snapshot.Inbound.Diagnostics.Any(known => (known.Code, known.Subject, known.Path) == (d.Code, d.Subject, d.Path)));
}
