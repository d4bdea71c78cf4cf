using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>The rules of one route; a match's <see cref="RouteMatch.Rule"/> is a position among them.</summary>
internal sealed record CompiledRoute(ImmutableArray<RouteRule> Rules, ImmutableArray<RouteMatch> Matches);

/// <summary>Compiles one route, whichever port it is attached to.</summary>
internal sealed class RouteCompiler(ResourceStore store, UnknownResolver unknown, PatternCache patterns, DiagnosticList diagnostics)
{
    private readonly BackendResolver _backends = new(new ReferenceResolver(store, unknown, diagnostics), new FilterCompiler(diagnostics));
    private readonly FilterCompiler _filters = new(diagnostics);
    private readonly MatchCompiler _matches = new(patterns, diagnostics);
    private readonly RuleSettings _settings = new(diagnostics);
    private readonly SessionCompiler _sessions = new(diagnostics);

    public CompiledRoute Compile(HttpRoute route)
    {
        var id = new RouteId(route.Kind, route.Metadata.Namespace, route.Metadata.Name);
        ReportHostnames(route);
        var sources = route.Spec.Rules.OrEmpty();
        if (sources.IsEmpty)
        {
            return new CompiledRoute([RuleOfNone(route, id)], [new RouteMatch { Rule = 0 }]);
        }

        var rules = ImmutableArray.CreateBuilder<RouteRule>(sources.Length);
        var matches = ImmutableArray.CreateBuilder<RouteMatch>(sources.Length);
        for (var i = 0; i < sources.Length; i++)
        {
            if (AddMatches(route, sources[i], i, rules.Count, matches))
            {
                rules.Add(CompileRule(route, id, sources[i], i));
            }
        }

        return new CompiledRoute(rules.DrainToImmutable(), matches.DrainToImmutable());
    }

    private RouteRule RuleOfNone(HttpRoute route, RouteId id)
    {
        const string Message = "the route has no rules, which means one rule without backends";
        diagnostics.Warning(route, DiagnosticCode.NoBackends, "spec.rules", $"{Message}; every request is answered with {ReferenceResolver.Status}");
        return new RouteRule
        {
            Route = id,
            Backends = BackendSplit.None,
            Failure = new RouteFailure(ReferenceResolver.Status, DiagnosticCode.NoBackends) { Message = Message },
        };
    }

    /// <summary>False where the rule lists matches and none of them can ever match.</summary>
    private bool AddMatches(HttpRoute route, HttpRouteRule source, int index, int position, ImmutableArray<RouteMatch>.Builder matches)
    {
        var written = source.Matches.OrEmpty();
        if (written.IsEmpty)
        {
            matches.Add(new RouteMatch { Rule = position });
            return true;
        }

        var before = matches.Count;
        for (var i = 0; i < written.Length; i++)
        {
            if (_matches.Compile(route, written[i], index, i) is { } match)
            {
                matches.Add(position == index ? match : match with { Rule = position });
            }
        }

        if (matches.Count == before)
        {
            diagnostics.Error(
                route, DiagnosticCode.PartiallyInvalid, $"spec.rules[{index}]", $"Dropped Rule: none of the matches of rule {index} can be used");
        }

        return matches.Count > before;
    }

    private RouteRule CompileRule(HttpRoute route, RouteId id, HttpRouteRule source, int index)
    {
        var references = source.BackendRefs.OrEmpty();
        var backends = ImmutableArray.CreateBuilder<BackendModel>(references.Length);
        for (var i = 0; i < references.Length; i++)
        {
            backends.Add(_backends.Resolve(route, references[i], $"spec.rules[{index}].backendRefs[{i}]", PrefixOf(source)));
        }

        var split = new BackendSplit(backends.MoveToImmutable());
        var filters = _filters.Compile(route, source.Filters.OrEmpty(), $"spec.rules[{index}].filters", PrefixOf(source), "the rule");
        return new RouteRule
        {
            Route = id,
            Index = index,
            Name = source.Name,
            Backends = split,
            Failure = filters.Failure ?? FailureOf(route, source, split, filters.Filters, index),
            Filters = filters.Filters,
            Timeouts = _settings.CompileTimeouts(route, source.Timeouts, index),
            Retry = _settings.CompileRetry(route, source.Retry, index),
            Session = _sessions.Compile(
                route, source.SessionPersistence, $"spec.rules[{index}].sessionPersistence", $"{id} rule {source.Name ?? $"{index}"}"),
        };
    }

    /// <summary>The prefix of a rule that has one match, by prefix: what a path can be rewritten from.</summary>
    private static string? PrefixOf(HttpRouteRule source) => source.Matches.OrEmpty() switch
    {
        [] or [{ Path: null }] => "",
        [{ Path: { Type: null or "PathPrefix", Value: var value } }] => (value ?? "/").TrimEnd('/'),
        _ => null,
    };

    private RouteFailure? FailureOf(
        HttpRoute route, HttpRouteRule source, BackendSplit split, ImmutableArray<RouteFilter> filters, int index)
    {
        RouteFailure? failure = null;
        var references = source.BackendRefs.OrEmpty();
        for (var i = 0; i < references.Length; i++)
        {
            if (!ResourceStoreAdmission.IsWeight(references[i].Weight))
            {
                Fail(DiagnosticCode.UnsupportedValue, $".backendRefs[{i}].weight", RouteFault.WeightMessage(references[i].Weight));
            }
        }

        if (filters.Any(static filter => filter is RedirectFilter))
        {
            // It answers all requests itself.
            return failure;
        }

        if (failure is null && references.IsEmpty)
        {
            Fail(DiagnosticCode.NoBackends, ".backendRefs", "the rule has no backends", DiagnosticSeverity.Warning);
        }
        else if (failure is null && split.TotalWeight == 0)
        {
            Fail(DiagnosticCode.NoBackends, ".backendRefs", "the weights of the backends add up to 0", DiagnosticSeverity.Warning);
        }

        return failure;

        void Fail(string code, string field, string message, DiagnosticSeverity severity = DiagnosticSeverity.Error)
        {
            failure ??= new RouteFailure(ReferenceResolver.Status, code) { Message = message };
            var text = $"{message}; the rule answers {ReferenceResolver.Status}";
            if (severity == DiagnosticSeverity.Error)
            {
                diagnostics.Error(route, code, $"spec.rules[{index}]{field}", text);
            }
            else
            {
                diagnostics.Warning(route, code, $"spec.rules[{index}]{field}", text);
            }
        }
    }

    private void ReportHostnames(HttpRoute route)
    {
        if (route.Spec.Hostnames.OrEmpty().IsEmpty)
        {
            return;
        }

        const string Message = "host names do not count for a Service as parent: the route applies under every name of it";
        if (route.Spec.ParentRefs.OrEmpty().All(parent => route.ServiceParent(parent) is not null))
        {
            diagnostics.Warning(route, DiagnosticCode.Ignored, "spec.hostnames", Message);
        }
        else
        {
            diagnostics.Info(route, DiagnosticCode.Ignored, "spec.hostnames", Message);
        }
    }
}
