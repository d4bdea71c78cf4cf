using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>The rules of one route; a match's <see cref="RouteMatch.Rule"/> is a position among them.</summary>
internal sealed record CompiledRoute(ImmutableArray<RouteRule> Rules, ImmutableArray<RouteMatch> Matches)
{
    /// <summary>Of a GRPCRoute: for each of <see cref="Matches"/> how specific it is.</summary>
    public ImmutableArray<GrpcSpecificity> Specificity { get; init; } = [];
}

/// <summary>Compiles one route, whichever port it is attached to.</summary>
internal sealed class RouteCompiler
{
    private readonly DiagnosticList _diagnostics;
    private readonly CompilerOptions _options;
    private readonly BackendResolver _backends;
    private readonly FilterCompiler _filters;
    private readonly RuleMatches _matches;
    private readonly RuleSettings _settings;
    private readonly SessionCompiler _sessions;

    public RouteCompiler(ResourceStore store, UnknownResolver unknown, PatternCache patterns, CompilerOptions options, DiagnosticList diagnostics)
    {
        _diagnostics = diagnostics;
        _options = options;
        var references = new ReferenceResolver(store, unknown, options.EnforcesGrants, diagnostics);
        _filters = new FilterCompiler(diagnostics, references, options.Extensions);
        _backends = new BackendResolver(references, _filters, new ServiceSessions(store));
        _matches = new RuleMatches(patterns, diagnostics);
        _settings = new RuleSettings(diagnostics);
        _sessions = new SessionCompiler(diagnostics);
    }

    public CompiledRoute Compile(RouteResource route)
    {
        var id = new RouteId(route.Kind, route.Metadata.Namespace, route.Metadata.Name);
        ReportHostnames(route);
        var sources = route.WrittenRules;
        if (sources.IsEmpty)
        {
            return route is GrpcRoute ? NoRules(route) : new CompiledRoute([RuleOfNone(route, id)], [new RouteMatch { Rule = 0 }]);
        }

        var rules = ImmutableArray.CreateBuilder<RouteRule>(sources.Length);
        var matches = new RouteMatches(sources.Length, route is GrpcRoute);
        for (var i = 0; i < sources.Length; i++)
        {
            if (_matches.Add(route, sources[i], i, rules.Count, matches))
            {
                rules.Add(CompileRule(route, id, sources[i], i));
            }
        }

        return new CompiledRoute(rules.DrainToImmutable(), matches.Matches) { Specificity = matches.Specificity };
    }

    private CompiledRoute NoRules(RouteResource route)
    {
        _diagnostics.Warning(
            route, DiagnosticCode.NoBackends, "spec.rules",
            "the route has no rules, so it matches nothing; calls that no other GRPCRoute matches are answered with UNIMPLEMENTED");
        return new CompiledRoute([], []);
    }

    private RouteRule RuleOfNone(RouteResource route, RouteId id)
    {
        const string Message = "the route has no rules, which means one rule without backends";
        _diagnostics.Warning(route, DiagnosticCode.NoBackends, "spec.rules", $"{Message}; every request is answered with {ReferenceResolver.Status}");
        return new RouteRule
        {
            Route = id,
            Backends = BackendSplit.None,
            Failure = new RouteFailure(ReferenceResolver.Status, DiagnosticCode.NoBackends) { Message = Message },
        };
    }

    private RouteRule CompileRule(RouteResource route, RouteId id, RouteRuleResource source, int index)
    {
        var references = source.BackendRefs.OrEmpty();
        var backends = ImmutableArray.CreateBuilder<BackendModel>(references.Length);
        for (var i = 0; i < references.Length; i++)
        {
            backends.Add(_backends.Resolve(route, references[i], $"spec.rules[{index}].backendRefs[{i}]", PrefixOf(source)));
        }

        var split = new BackendSplit(backends.MoveToImmutable());
        var filters = _filters.Compile(route, source.Filters.OrEmpty(), $"spec.rules[{index}].filters", PrefixOf(source), "the rule");
        var http = source as HttpRouteRule;
        return new RouteRule
        {
            Route = id,
            Index = index,
            Name = source.Name,
            Backends = split,
            Failure = filters.Failure ?? FailureOf(route, source, split, filters.Filters, index),
            Filters = filters.Filters,
            Timeouts = _settings.CompileTimeouts(route, http?.Timeouts, index),
            Retry = http?.Retry is null ? _options.DefaultRetry : _settings.CompileRetry(route, http.Retry, index),
            Session = _sessions.Compile(
                route, source.SessionPersistence, $"spec.rules[{index}].sessionPersistence", $"{id} rule {source.Name ?? $"{index}"}"),
        };
    }

    /// <summary>The prefix of a rule that has one match, by prefix: what a path can be rewritten from.</summary>
    private static string? PrefixOf(RouteRuleResource source) => (source as HttpRouteRule)?.Matches.OrEmpty() switch
    {
        null => null,
        [] or [{ Path: null }] => "",
        [{ Path: { Type: null or "PathPrefix", Value: var value } }] => MatchSyntax.Normalize(value ?? "/").TrimEnd('/'),
        _ => null,
    };

    private RouteFailure? FailureOf(
        RouteResource route, RouteRuleResource source, BackendSplit split, ImmutableArray<RouteFilter> filters, int index)
    {
        RouteFailure? failure = null;
        var references = source.BackendRefs.OrEmpty();
        for (var i = 0; i < references.Length; i++)
        {
            if (references[i]?.Weight is var weight && !ResourceStoreAdmission.IsWeight(weight))
            {
                Fail(DiagnosticCode.UnsupportedValue, $".backendRefs[{i}].weight", RouteFault.WeightMessage(weight));
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
            var text = $"{message}; the rule answers {AnswerText.Of(route, ReferenceResolver.Status)}";
            if (severity == DiagnosticSeverity.Error)
            {
                _diagnostics.Fault(route, code, $"spec.rules[{index}]{field}", text);
            }
            else
            {
                _diagnostics.Warning(route, code, $"spec.rules[{index}]{field}", text);
            }
        }
    }

    private void ReportHostnames(RouteResource route)
    {
        if (route.WrittenHostnames.IsEmpty)
        {
            return;
        }

        const string Message = "host names do not count for a Service as parent: the route applies under every name of it";
        if (route.Parents.All(parent => route.ServiceParent(parent) is not null))
        {
            _diagnostics.Warning(route, DiagnosticCode.Ignored, "spec.hostnames", Message);
        }
        else
        {
            _diagnostics.Info(route, DiagnosticCode.Ignored, "spec.hostnames", Message);
        }
    }
}
