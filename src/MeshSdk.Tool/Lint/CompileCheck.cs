using System.Collections.Immutable;
using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Tool.Explain;

namespace MeshSdk.Tool.Lint;

/// <summary>
/// What the library finds when it compiles the objects: references that lead nowhere, and fields that it does not act on. Of a field that is known to be wrong
/// or odd it says nothing again.
/// </summary>
internal static class CompileCheck
{
    public static void Check(LintInput input, CallerContext caller, LintReport report)
    {
        var store = new ResourceStore(caller.ClusterDomain);
        store.Apply([.. input.Resources], []);
        var objects = input.Objects.ToLookup(static one => one.Subject, StringComparer.Ordinal);
        MeshDiagnostic[] found =
        [
            .. CallersOf(input, caller)
                .SelectMany(one => new MeshCompiler(one, CompilerOptions.Default).Compile(store).AllDiagnostics())
                .Concat(RoutesAlone(input, store, caller))
                .Distinct()
                .Where(diagnostic => !report.IsTold(diagnostic.Subject, diagnostic.Path)),
        ];
        foreach (var diagnostic in found)
        {
            var told = DiagnosticFilter.Explain(diagnostic);
            var line = objects[told.Object].LastOrDefault()?.LineOf(told.Path) ?? diagnostic.Line;
            report.Add(new LintFinding(told.Severity, told.Code, told.Object, told.Path, diagnostic.File, line, told.Message));
        }
    }

    /// <summary>One from each namespace that has routes or policies of its own: those hold for nobody else.</summary>
    private static IEnumerable<CallerContext> CallersOf(LintInput input, CallerContext caller) => input.Resources
        .Where(static resource => resource is HttpRoute or DestinationRule)
        .Select(static resource => resource.Metadata.Namespace)
        .Append(caller.Namespace)
        .Distinct()
        .Select(ns => caller with { Namespace = ns });

    /// <summary>Also those whose parents the files do not hold.</summary>
    private static ImmutableArray<MeshDiagnostic> RoutesAlone(LintInput input, ResourceStore store, CallerContext caller)
    {
        var diagnostics = new DiagnosticList();
        var compiler = new RouteCompiler(store, new UnknownResolver(store, caller), new PatternCache(), diagnostics);
        foreach (var route in input.Resources.OfType<HttpRoute>().Where(static route => route.ServiceParents().Any()))
        {
            compiler.Compile(route);
        }

        return diagnostics.ToImmutable();
    }
}
