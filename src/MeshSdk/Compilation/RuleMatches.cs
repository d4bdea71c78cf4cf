using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>Collects the matches of a route, rule by rule.</summary>
internal sealed class RouteMatches(int capacity, bool isGrpc)
{
    private readonly ImmutableArray<RouteMatch>.Builder _matches = ImmutableArray.CreateBuilder<RouteMatch>(capacity);
    private readonly ImmutableArray<GrpcSpecificity>.Builder? _specificity = isGrpc ? ImmutableArray.CreateBuilder<GrpcSpecificity>(capacity) : null;

    public int Count => _matches.Count;

    public ImmutableArray<RouteMatch> Matches => _matches.ToImmutable();

    /// <summary>Empty for an HTTPRoute.</summary>
    public ImmutableArray<GrpcSpecificity> Specificity => _specificity?.ToImmutable() ?? [];

    public void Add(RouteMatch match, GrpcSpecificity specificity)
    {
        _matches.Add(match);
        _specificity?.Add(specificity);
    }
}

/// <summary>Compiles what a rule of either kind of route matches.</summary>
internal sealed class RuleMatches
{
    private readonly MatchCompiler _http;
    private readonly GrpcMatchCompiler _grpc;
    private readonly DiagnosticList _diagnostics;

    public RuleMatches(PatternCache patterns, DiagnosticList diagnostics)
    {
        _http = new MatchCompiler(patterns, diagnostics);
        _grpc = new GrpcMatchCompiler(_http, patterns);
        _diagnostics = diagnostics;
    }

    /// <summary>False where the rule lists matches and none of them can ever match, or where it is null.</summary>
    /// <param name="route">Whose rule it is.</param>
    /// <param name="source">The rule.</param>
    /// <param name="index">Its position as written.</param>
    /// <param name="position">Its position among those that can be used.</param>
    /// <param name="matches">Takes them.</param>
    public bool Add(RouteResource route, [NotNullWhen(true)] RouteRuleResource? source, int index, int position, RouteMatches matches)
    {
        if (source is null)
        {
            _diagnostics.Fault(
                route, DiagnosticCode.PartiallyInvalid, $"spec.rules[{index}]",
                $"Dropped Rule: rule {index} is null, which says nothing; take it away or write what it is to match");
            return false;
        }

        var before = matches.Count;
        var count = source switch
        {
            HttpRouteRule http => Add(http.Matches.OrEmpty(), (match, i) => _http.Compile(route, match, index, i), static _ => default),
            GrpcRouteRule grpc => Add(grpc.Matches.OrEmpty(), (match, i) => _grpc.Compile(route, match, index, i), GrpcSpecificity.Of),
            _ => 0,
        };
        if (count == 0)
        {
            matches.Add(new RouteMatch { Rule = position }, default);
            return true;
        }

        if (matches.Count == before)
        {
            _diagnostics.Fault(
                route, DiagnosticCode.PartiallyInvalid, $"spec.rules[{index}]", $"Dropped Rule: none of the matches of rule {index} can be used");
        }

        return matches.Count > before;

        int Add<TMatch>(ImmutableArray<TMatch> written, Func<TMatch, int, RouteMatch?> compile, Func<TMatch, GrpcSpecificity> specificityOf)
        {
            for (var i = 0; i < written.Length; i++)
            {
                if (compile(written[i], i) is { } match)
                {
                    matches.Add(position == index ? match : match with { Rule = position }, specificityOf(written[i]));
                }
            }

            return written.Length;
        }
    }
}
