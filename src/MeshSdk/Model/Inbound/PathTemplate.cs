using System.Buffers;
using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>
/// A path with <c>{*}</c> for one segment that is not empty, and <c>{**}</c> for any number of characters, slashes among them. What stands for these are
/// characters that need no escape in a path, and escapes.
/// </summary>
internal sealed class PathTemplate
{
    private const string One = "{*}";
    private const string Rest = "{**}";

    private const string Unescaped = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%!$&'()+,;:@";

    private static readonly SearchValues<char> Literal = SearchValues.Create($"{Unescaped}=");
    private static readonly SearchValues<char> Strict = SearchValues.Create(Unescaped);
    private static readonly SearchValues<char> StrictRest = SearchValues.Create($"{Unescaped}/");
    private static readonly SearchValues<char> GenerousRest = SearchValues.Create($"{Unescaped}=/");

    private readonly ImmutableArray<string?> _segments;
    private readonly string? _tail;

    /// <param name="segments">From the first one on; null is any one.</param>
    /// <param name="tail">What follows the rest; null where there is no rest.</param>
    private PathTemplate(ImmutableArray<string?> segments, string? tail) => (_segments, _tail) = (segments, tail);

    /// <summary>Whether a path is meant as a template, well formed or not.</summary>
    public static bool IsMeant(string text) => text.AsSpan().ContainsAny('{', '}');

    /// <returns>Null where it is malformed: no slash before it, an operator that is not a whole segment, another one after <c>{**}</c>, other braces or stars.</returns>
    public static PathTemplate? Parse(string text)
    {
        if (!text.StartsWith('/'))
        {
            return null;
        }

        var parts = text[1..].Split('/');
        var segments = ImmutableArray.CreateBuilder<string?>();
        for (var i = 0; i < parts.Length; i++)
        {
            switch (parts[i])
            {
                case One:
                    segments.Add(null);
                    break;
                case Rest:
                    string[] tail = parts[(i + 1)..];
                    return tail.All(IsLiteral) ? new(segments.ToImmutable(), string.Concat(tail.Select(static part => $"/{part}"))) : null;
                case var literal when IsLiteral(literal):
                    segments.Add(literal);
                    break;
                default:
                    return null;
            }
        }

        return new(segments.ToImmutable(), null);

        static bool IsLiteral(string part) => !part.AsSpan().ContainsAnyExcept(Literal);
    }

    /// <param name="path">Without the query.</param>
    /// <param name="isGenerous">Whether an equals sign may be in what stands for an operator: proxies of some versions have it so, and of others not.</param>
    public bool Matches(ReadOnlySpan<char> path, bool isGenerous)
    {
        foreach (var segment in _segments)
        {
            if (path.IsEmpty || path[0] != '/')
            {
                return false;
            }

            path = path[1..];
            var length = path.IndexOf('/') is >= 0 and var slash ? slash : path.Length;
            if (segment is null ? length == 0 || path[..length].ContainsAnyExcept(isGenerous ? Literal : Strict) : !path[..length].SequenceEqual(segment))
            {
                return false;
            }

            path = path[length..];
        }

        if (_tail is null)
        {
            return path.IsEmpty;
        }

        return path.Length > _tail.Length && path[0] == '/' && path.EndsWith(_tail) && !path[1..^_tail.Length].ContainsAnyExcept(isGenerous ? GenerousRest : StrictRest);
    }
}
