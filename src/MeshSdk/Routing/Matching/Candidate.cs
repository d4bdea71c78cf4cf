using MeshSdk.Model;

namespace MeshSdk.Routing.Matching;

/// <summary>A condition set whose path is known to match, and its position in the table.</summary>
internal readonly record struct Candidate(int Position, RouteMatch Match)
{
    /// <summary>Whether what it asks for beside the path holds too. Cheapest first.</summary>
    public bool Holds(scoped in RequestFacts facts) =>
        (Match.Method is null || string.Equals(Match.Method, facts.Request.Method.Method, StringComparison.Ordinal))
        && HeaderMatcher.Matches(Match.Headers.AsSpan(), facts.Request)
        && facts.Query.Satisfy(Match.Query.AsSpan());
}
