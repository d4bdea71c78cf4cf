using MeshSdk.Model;

namespace MeshSdk.Routing.Matching;

/// <summary>A condition set whose path is known to match, and its position in the table.</summary>
internal readonly record struct Candidate(int Position, RouteMatch Match)
{
    /// <summary>The position of the first that holds, or <paramref name="limit"/> where that comes before.</summary>
    /// <param name="candidates">In order of their positions.</param>
    public static int FirstOf(ReadOnlySpan<Candidate> candidates, scoped in RequestFacts facts, int limit)
    {
        foreach (ref readonly var candidate in candidates)
        {
            if (candidate.Position >= limit)
            {
                break;
            }

            if (candidate.Holds(facts))
            {
                return candidate.Position;
            }
        }

        return limit;
    }

    /// <summary>Whether what it asks for beside the path holds too. Cheapest first.</summary>
    public bool Holds(scoped in RequestFacts facts) =>
        (Match.Method is null || string.Equals(Match.Method, facts.Request.Method.Method, StringComparison.Ordinal))
        && HeaderMatcher.Matches(Match.Headers.AsSpan(), facts.Request)
        && facts.Query.Satisfy(Match.Query.AsSpan());
}
