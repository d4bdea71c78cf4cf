using System.Collections.Immutable;
using MeshSdk.Compilation;
using MeshSdk.Compilation.Inbound;
using MeshSdk.Compilation.Policies;
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
    public const string ElsewhereCode = "CertificatesElsewhere";

    private const string NotInFiles = "the files do not hold it; where the cluster does not either, calls are refused";

    public static void Check(LintInput input, CallerContext caller, CompilerOptions options, LintReport report)
    {
        var store = new ResourceStore(caller.ClusterDomain);
        store.Apply([.. input.Resources], []);

        // Certificates are mostly made in the cluster, and so are pods: what of them is not in the files may be there.
        store.Unknown = new ResourceStoreUnknown(
            [new(MeshConfigMap.KindName, null, null, NotInFiles), new(CertificateSecret.KindName, null, null, NotInFiles)]);
        options = options with { VerifiesPeers = false };
        var objects = input.Objects.ToLookup(static one => one.Subject, StringComparer.Ordinal);
        MeshDiagnostic[] found =
        [
            .. CallersOf(input, store, caller)
                .SelectMany(one => new MeshCompiler(one, options).Compile(store).AllDiagnostics())
                .Concat(RoutesAlone(input, store, caller, options))
                .Concat(RulesAlone(input))
                .Concat(AuthorizationsAlone(input, caller))
                .Distinct()
                .Where(diagnostic => !report.IsTold(diagnostic)),
        ];
        foreach (var diagnostic in found)
        {
            var told = DiagnosticFilter.Explain(diagnostic);
            var field = objects[told.Object].LastOrDefault()?.FieldAt(told.Path);
            var line = field?.Line ?? diagnostic.Line;
            report.Override(diagnostic.Code == DiagnosticCode.BackendNotFound && field is { } reference && IsElsewhere(reference, store, out var id)
                ? new LintFinding(
                    LintFinding.Warning, told.Code, told.Object, told.Path, diagnostic.File, line,
                    $"the files hold no Service {id}, nor any other of its namespace; where the cluster has none either, calls that lead to it fail")
                : diagnostic.Message.Contains(NotInFiles, StringComparison.Ordinal)
                ? new LintFinding(LintFinding.Info, ElsewhereCode, told.Object, told.Path, diagnostic.File, line, told.Message)
                : new LintFinding(told.Severity, told.Code, told.Object, told.Path, diagnostic.File, line, told.Message));
        }
    }

    /// <summary>
    /// Files often hold a part of what a cluster has: a reference out of them may be sound. Not so one into a namespace of which they hold services: those are
    /// kept together, and the name is a slip.
    /// </summary>
    private static bool IsElsewhere(LintField reference, ResourceStore store, out ServiceId id)
    {
        var ns = reference["namespace"].Text is { Length: > 0 } stated ? stated : reference.Owner.Namespace;
        id = new ServiceId(ns, reference["name"].Text ?? "");
        return id.Name.Length > 0 && !store.Services.Any(service => service.Namespace == ns);
    }

    /// <summary>The caller, and one from each namespace that has routes or policies which hold for its own callers alone.</summary>
    private static IEnumerable<CallerContext> CallersOf(LintInput input, ResourceStore store, CallerContext caller) => input.Resources
        .Where(resource => IsForOwnCallers(resource, store))
        .Select(static resource => resource.Metadata.Namespace)
        .Append(caller.Namespace)
        .Distinct()
        .Select(ns => caller with { Namespace = ns });

    private static bool IsForOwnCallers(Resource resource, ResourceStore store) => resource switch
    {
        RouteResource route => route.ServiceParents().Any(parent => parent.Namespace != route.Metadata.Namespace),
        DestinationRule rule => !rule.Spec.ExportTo.OrEmpty().IsEmpty || rule.Spec.WorkloadSelector is not null
            || store.ServiceOf(store.Rules.FullyQualified(rule))?.Namespace != rule.Metadata.Namespace,
        _ => false,
    };

    /// <summary>Also those whose parents the files do not hold.</summary>
    private static ImmutableArray<MeshDiagnostic> RoutesAlone(LintInput input, ResourceStore store, CallerContext caller, CompilerOptions options)
    {
        var diagnostics = new DiagnosticList();
        var compiler = new RouteCompiler(store, new UnknownResolver(store, caller), new PatternCache(), options, diagnostics);
        foreach (var route in input.Resources.OfType<RouteResource>().Where(static route => route.ServiceParents().Any()))
        {
            compiler.Compile(route);
        }

        return diagnostics.ToImmutable();
    }

    /// <summary>Also those whose Services the files do not hold, and those that others hide: each is judged by itself, for every port that it names.</summary>
    private static ImmutableArray<MeshDiagnostic> RulesAlone(LintInput input)
    {
        var diagnostics = new DiagnosticList();
        foreach (var rule in input.Resources.OfType<DestinationRule>())
        {
            var compiler = new PolicyCompiler(new Service(), [rule], MeshDefaults.None, diagnostics);
            var ports = (rule.Spec.TrafficPolicy?.PortLevelSettings).OrEmpty().Select(static entry => entry?.Port?.Number ?? 0);

            // No port has the first of these numbers: what it gets is the general policy.
            foreach (var port in ports.Prepend(-1).Distinct())
            {
                compiler.Compile(new ServicePort { Port = port });
            }
        }

        return diagnostics.ToImmutable();
    }

    /// <summary>Each as those see it whom it is for, whoever they are.</summary>
    private static ImmutableArray<MeshDiagnostic> AuthorizationsAlone(LintInput input, CallerContext caller)
    {
        var diagnostics = new DiagnosticList();
        foreach (var policy in input.Resources.OfType<AuthorizationPolicy>())
        {
            AuthorizationCompiler.Judge(policy, caller.TrustDomain, diagnostics);
        }

        return diagnostics.ToImmutable();
    }
}
