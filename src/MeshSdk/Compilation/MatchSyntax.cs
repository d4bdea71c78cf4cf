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

        // Requests never have an escaped dot, and so no such element under another name either.
        value = value.Replace("%2e", ".", StringComparison.OrdinalIgnoreCase);
        if (value.Contains("//", StringComparison.Ordinal)
            || value.Contains("/./", StringComparison.Ordinal) || value.EndsWith("/.", StringComparison.Ordinal)
            || value.Contains("/../", StringComparison.Ordinal) || value.EndsWith("/..", StringComparison.Ordinal))
        {
            return "it holds an empty element, '.' or '..'";
        }

        return value.Contains("%2f", StringComparison.OrdinalIgnoreCase) ? "it holds an encoded '/'" : null;
    }

    /// <summary>
    /// The path as requests have it: <see cref="Uri"/> writes without an escape what needs none, and the escapes of other characters of Unicode in capitals.
    /// As written, such a value could never match.
    /// </summary>
    public static string Normalize(string value) =>
        value.StartsWith('/') && value.Contains('%', StringComparison.Ordinal) && Uri.TryCreate("http://host" + value, UriKind.Absolute, out var uri)
            ? uri.AbsolutePath
            : value;

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
