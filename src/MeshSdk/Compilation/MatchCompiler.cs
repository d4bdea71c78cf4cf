using System.Collections.Immutable;
using System.Text.RegularExpressions;
using MeshSdk.Model;
using MeshSdk.Resources;
using ValueMatch = MeshSdk.Model.ValueMatch;

namespace MeshSdk.Compilation;

/// <summary>Compiles the conditions of one match. A match that holds a condition which cannot be understood never matches.</summary>
internal sealed class MatchCompiler(PatternCache patterns, DiagnosticList diagnostics)
{
    /// <summary>Said of an entry that is null: what it was to ask for nobody knows.</summary>
    public const string NullEntry = "an entry is null, which says nothing; take it away or write what it is to match";

    /// <summary>The match for position <paramref name="rule"/>; null where it can never match.</summary>
    public RouteMatch? Compile(Resource route, HttpRouteMatch? match, int rule, int index)
    {
        var subject = new MatchSubject(route, rule, index);
        if (match is null)
        {
            Reject(subject, "", NullEntry);
            return null;
        }

        var path = CompilePath(subject, match.Path);
        var method = CompileMethod(subject, match.Method, out var methodIsKnown);
        var headers = CompileValues(subject, "headers", match.Headers.OrEmpty(), StringComparer.OrdinalIgnoreCase);
        var query = CompileValues(subject, "queryParams", match.QueryParams.OrEmpty(), StringComparer.Ordinal);
        if (path is null || !methodIsKnown || headers is null || query is null)
        {
            return null;
        }

        return new RouteMatch { Rule = rule, Index = index, Path = path, Method = method, Headers = headers.Value, Query = query.Value };
    }

    private PathMatch? CompilePath(MatchSubject subject, HttpPathMatch? path)
    {
        var value = path?.Value ?? "/";
        switch (path?.Type)
        {
            case null or "PathPrefix":
                return HasValidPath(subject, value) ? Prefix(MatchSyntax.Normalize(value)) : null;
            case "Exact":
                return HasValidPath(subject, value) ? new PathMatch(PathMatchKind.Exact, MatchSyntax.Normalize(value)) : null;
            case "RegularExpression":
                return CompilePattern(subject, "path.value", value) is { } pattern ? new PathMatch(PathMatchKind.Regex, value, pattern) : null;
            default:
                Reject(subject, "path.type", $"'{path.Type}' is not known; Exact, PathPrefix and RegularExpression are");
                return null;
        }
    }

    private static PathMatch Prefix(string value)
    {
        var trimmed = value.TrimEnd('/');
        return trimmed.Length == 0 ? PathMatch.Any : new PathMatch(PathMatchKind.Prefix, trimmed);
    }

    private bool HasValidPath(MatchSubject subject, string value)
    {
        var fault = MatchSyntax.Fault(value);
        if (fault is not null)
        {
            Reject(subject, "path.value", $"'{value}' is no path to match: {fault}");
        }

        return fault is null;
    }

    private string? CompileMethod(MatchSubject subject, string? method, out bool isKnown)
    {
        isKnown = method is null or "GET" or "HEAD" or "POST" or "PUT" or "DELETE" or "CONNECT" or "OPTIONS" or "TRACE" or "PATCH";
        if (!isKnown)
        {
            Reject(subject, "method", $"'{method}' is not known; methods are written in capitals");
        }

        return method;
    }

    /// <summary>Headers or query parameters; null where one of them can never match.</summary>
    public ImmutableArray<ValueMatch>? CompileValues(
        MatchSubject subject, string field, ImmutableArray<HttpValueMatch> values, StringComparer names)
    {
        if (values.IsEmpty)
        {
            return [];
        }

        var isValid = true;
        var result = ImmutableArray.CreateBuilder<ValueMatch>(values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            if (value is null)
            {
                Reject(subject, $"{field}[{i}]", NullEntry);
                isValid = false;
            }
            else if (result.Any(known => names.Equals(known.Name, value.Name)))
            {
                diagnostics.Warning(
                    subject.Route, DiagnosticCode.Ignored, subject.Path($"{field}[{i}]"), $"'{value.Name}' is matched before; the first entry counts");
            }
            else if (CompileValue(subject, field, i, value) is { } compiled)
            {
                result.Add(compiled);
            }
            else
            {
                isValid = false;
            }
        }

        return isValid ? result.DrainToImmutable() : null;
    }

    private ValueMatch? CompileValue(MatchSubject subject, string field, int index, HttpValueMatch value)
    {
        if (!MatchSyntax.IsToken(value.Name))
        {
            Reject(subject, $"{field}[{index}].name", $"'{value.Name}' is no name that a {(field == "headers" ? "header" : "parameter")} can have here");
            return null;
        }

        switch (value.Type)
        {
            case null or "Exact":
                return new ValueMatch(value.Name, value.Value ?? "");
            case "RegularExpression":
                return CompilePattern(subject, $"{field}[{index}].value", value.Value ?? "") is { } pattern
                    ? new ValueMatch(value.Name, value.Value ?? "", pattern)
                    : null;
            default:
                Reject(subject, $"{field}[{index}].type", $"'{value.Type}' is not known; Exact and RegularExpression are");
                return null;
        }
    }

    /// <summary>Null where the text is no pattern that can be used.</summary>
    public Regex? CompilePattern(MatchSubject subject, string field, string value)
    {
        var pattern = patterns.Get(value);
        if (pattern is null)
        {
            Reject(subject, field, $"'{value}' is no pattern of linear time: it is malformed, or looks around or back");
        }

        return pattern;
    }

    public void Reject(MatchSubject subject, string field, string message) =>
        diagnostics.Fault(subject.Route, DiagnosticCode.UnsupportedValue, subject.Path(field), $"{message}; this match never matches");
}

/// <summary>Which match is compiled, for what is said of it.</summary>
internal readonly record struct MatchSubject(Resource Route, int Rule, int Index)
{
    public string Path(string field) => $"spec.rules[{Rule}].matches[{Index}]{(field.Length == 0 ? "" : ".")}{field}";
}
