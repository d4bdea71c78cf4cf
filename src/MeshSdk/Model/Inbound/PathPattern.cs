namespace MeshSdk.Model;

/// <summary>A path as policies write it: a <see cref="TextPattern"/>, or a template.</summary>
/// <param name="Text">Means nothing where there is a template.</param>
/// <param name="Template">Null where it is none.</param>
internal readonly record struct PathPattern(TextPattern Text, PathTemplate? Template)
{
    /// <param name="path">Without the query.</param>
    /// <param name="isGenerous">Whether what only some proxies match is matched.</param>
    public bool Matches(ReadOnlySpan<char> path, bool isGenerous) => Template is null ? Text.Matches(path) : Template.Matches(path, isGenerous);
}
