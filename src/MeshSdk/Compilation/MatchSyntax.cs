using System.Buffers;

namespace MeshSdk.Compilation;

/// <summary>What the Gateway API allows in the values of matches.</summary>
internal static class MatchSyntax
{
    private const int MaximumLength = 1024;

    private const string LettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly SearchValues<char> PathCharacters = SearchValues.Create(LettersAndDigits + "-/._~!$&'()*+,;=:@%");
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create(LettersAndDigits + "!#$%&'*+-.^_`|~");

    /// <summary>Why an Exact or PathPrefix value can match no request; null where it is fine.</summary>
    public static string? Fault(string value)
    {
        if (!value.StartsWith('/'))
        {
            return "it must begin with '/'";
        }

        if (value.Length > MaximumLength)
        {
            return $"it is longer than {MaximumLength} characters";
        }

        if (value.AsSpan().ContainsAnyExcept(PathCharacters) || !HasWholeEscapes(value))
        {
            return "it holds a character that must be percent-encoded";
        }

        if (value.Contains("//", StringComparison.Ordinal)
            || value.Contains("/./", StringComparison.Ordinal) || value.EndsWith("/.", StringComparison.Ordinal)
            || value.Contains("/../", StringComparison.Ordinal) || value.EndsWith("/..", StringComparison.Ordinal))
        {
            return "it holds an empty element, '.' or '..'";
        }

        return value.Contains("%2f", StringComparison.OrdinalIgnoreCase) ? "it holds an encoded '/'" : null;
    }

    /// <summary>A name that a header may have; query parameters are matched under the same names.</summary>
    public static bool IsToken(string? name) => !string.IsNullOrEmpty(name) && !name.AsSpan().ContainsAnyExcept(TokenCharacters);

    private static bool HasWholeEscapes(string value)
    {
        for (var i = value.IndexOf('%'); i >= 0; i = value.IndexOf('%', i + 1))
        {
            if (i + 2 >= value.Length || !char.IsAsciiHexDigit(value[i + 1]) || !char.IsAsciiHexDigit(value[i + 2]))
            {
                return false;
            }
        }

        return true;
    }
}
