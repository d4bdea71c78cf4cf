using MeshSdk.Model;

namespace MeshSdk.Routing;

/// <summary>One condition against one value: the whole of it, with case.</summary>
internal static class ValueMatcher
{
    public static bool Matches(ValueMatch condition, ReadOnlySpan<char> value) =>
        condition.Pattern is { } pattern ? pattern.IsMatch(value) : value.SequenceEqual(condition.Value);
}
