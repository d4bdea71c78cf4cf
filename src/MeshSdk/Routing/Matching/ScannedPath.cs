using MeshSdk.Model;

namespace MeshSdk.Routing.Matching;

/// <summary>A condition on paths that can only be tried, and what else is asked for with it. However many condition sets share it, it is tried once.</summary>
internal sealed class ScannedPath(PathMatch path, CandidateSet candidates)
{
    private readonly PatternLiterals _literals = path.Kind == PathMatchKind.Regex ? PatternLiterals.Of(path.Value) : PatternLiterals.None;

    public CandidateSet Candidates { get; } = candidates;

    public bool Matches(ReadOnlySpan<char> text) => _literals.MayMatch(text) && RouteMatcher.PathMatches(path, text);
}
