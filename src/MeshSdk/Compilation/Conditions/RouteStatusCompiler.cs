using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Conditions;

/// <summary>
/// Finds the conditions of all routes that name a service as a parent, whoever they hold for: also those that other routes replace for the present caller,
/// and those whose parent does not exist.
/// </summary>
internal sealed class RouteStatusCompiler(ResourceStore store, UnknownResolver unknown, PatternCache patterns, CompilerOptions options)
{
    /// <param name="id">The parent.</param>
    /// <param name="model">What became of it; null where the mesh serves no such service.</param>
    public ImmutableArray<MeshRouteStatus> Compile(ServiceId id, ServiceModel? model)
    {
        var routes = store.RoutesOf(id);
        if (routes.Count == 0)
        {
            return [];
        }

        var pending = model is null ? WhyPending(id) : null;
        var compiled = (model?.Frontends ?? []).SelectMany(static frontend => frontend.AllRules)
            .Where(static rule => rule.Route is not null)
            .ToLookup(static rule => rule.Route!);
        var found = (model?.Diagnostics ?? []).ToLookup(static diagnostic => diagnostic.Subject, StringComparer.Ordinal);
        var result = ImmutableArray.CreateBuilder<MeshRouteStatus>(routes.Count);
        foreach (var route in routes.OrderBy(static route => route.ToString(), StringComparer.Ordinal))
        {
            var key = new RouteId(route.Kind, route.Metadata.Namespace, route.Metadata.Name);
            var (rules, diagnostics) = compiled.Contains(key)
                ? (compiled[key], [.. found[route.ToString()]])
                : CompileAlone(route, found[route.ToString()], model is null && pending is null ? id : null);
            var servesNothing = rules.All(IsInvalid);
            var parents = route.Parents;
            for (var i = 0; i < parents.Length; i++)
            {
                if (route.ServiceParent(parents[i]) == id)
                {
                    result.Add(new MeshRouteStatus(
                        key.Kind, key.Namespace, key.Name, i, id.ToString(),
                        RouteConditions.Of(route.Metadata.Generation, i, diagnostics, servesNothing, pending))
                    {
                        SectionName = parents[i].SectionName,
                        Port = parents[i].Port,
                    });
                }
            }
        }

        return result.DrainToImmutable();
    }

    /// <summary>What the compiler says of a route that decides about none of the caller's requests.</summary>
    private (IEnumerable<RouteRule> Rules, MeshDiagnostic[] Found) CompileAlone(RouteResource route, IEnumerable<MeshDiagnostic> known, ServiceId? missing)
    {
        var diagnostics = new DiagnosticList();
        diagnostics.AddRange([.. known]);
        if (missing is { } parent)
        {
            UnattachedDiagnostics.ReportParents(store, route, parent, diagnostics);
        }

        if (store.RefusedVersionOf(route) is { } refused)
        {
            RouteFault.Report(refused, diagnostics);
        }

        var compiled = new RouteCompiler(store, unknown, patterns, options, diagnostics).Compile(route);
        return (compiled.Rules, [.. diagnostics.ToImmutable()]);
    }

    private string? WhyPending(ServiceId id) =>
        store.FindService(id) is not null ? null
        : unknown.Missing(id) is { } open ? open.Message
        : options.LoadsOnDemand ? $"Service {id} is looked for when it is called first"
        : null;

    private static bool IsInvalid(RouteRule rule) => rule.Failure?.Reason is DiagnosticCode.UnsupportedValue or DiagnosticCode.IncompatibleFilters;
}
