using MeshSdk.Model;

namespace MeshSdk.Tool.Explain;

/// <summary>Picks the problems that concern one request: those of its services, its routes, and the policies on the way.</summary>
internal sealed class DiagnosticFilter(MeshSnapshot snapshot)
{
    private readonly ILookup<string, MeshDiagnostic> _bySubject = snapshot.Diagnostics.ToLookup(static d => d.Subject, StringComparer.Ordinal);

    /// <param name="frontend">What was dialled.</param>
    /// <param name="rule">The rule that applies; null where none matched.</param>
    public IReadOnlyList<ExplainedDiagnostic> Of(FrontendModel frontend, RouteRule? rule)
    {
        var found = new List<MeshDiagnostic>();
        AddService(found, frontend.Id.ServiceId);
        foreach (var backend in rule?.Backends.Backends ?? [])
        {
            AddService(found, backend.Cluster.ServiceId);
        }

        foreach (var route in frontend.Routes.Rules.Select(static r => r.Route).OfType<RouteId>().Distinct())
        {
            found.AddRange(_bySubject[route.ToString()]);
        }

        return [.. found.Distinct().Select(Explain)];
    }

    /// <summary>Those of one service, whatever its ports.</summary>
    public IReadOnlyList<ExplainedDiagnostic> Of(ServiceId service)
    {
        var found = new List<MeshDiagnostic>();
        AddService(found, service);
        return [.. found.Distinct().Select(Explain)];
    }

    private void AddService(List<MeshDiagnostic> found, ServiceId id)
    {
        if (snapshot.Services.TryGetValue(id, out var service))
        {
            found.AddRange(service.Diagnostics);
        }

        found.AddRange(_bySubject[$"Service {id}"]);
    }

    public static ExplainedDiagnostic Explain(MeshDiagnostic diagnostic) => new(
        diagnostic.Severity switch
        {
            DiagnosticSeverity.Error => "error",
            DiagnosticSeverity.Warning => "warning",
            _ => "info",
        },
        diagnostic.Code,
        diagnostic.Subject,
        diagnostic.Path,
        diagnostic.Message);
}
