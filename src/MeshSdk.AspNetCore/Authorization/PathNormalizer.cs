using System.Buffers;
using MeshSdk.Model;

namespace MeshSdk.AspNetCore.Authorization;

/// <summary>Normalises paths as Istio has its proxies do before rules look at them.</summary>
internal static class PathNormalizer
{
    /// <summary>How much longer a path may become: of a character that needs an escape.</summary>
    public const int Growth = 3;

    private static readonly SearchValues<char> Touched = SearchValues.Create("%\\\"<>`{}");

    // What proxies escape that comes without one.
    private static readonly SearchValues<char> Escaped = SearchValues.Create("\"<>`{}");

    private static readonly SearchValues<char> Unreserved = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    /// <summary>Whether a path certainly stays as it is.</summary>
    public static bool IsNormal(ReadOnlySpan<char> path, PathNormalization normalization) => normalization == PathNormalization.None
        || (path.IndexOfAny(Touched) < 0
            && !path.Contains("/.", StringComparison.Ordinal)
            && (normalization == PathNormalization.Base || !path.Contains("//", StringComparison.Ordinal)));

    /// <param name="path">Without query and fragment.</param>
    /// <param name="destination">Of <see cref="Growth"/> times the length of the path.</param>
    /// <param name="normalization">What is done; all of it where that is not known.</param>
    /// <returns>How long it has become.</returns>
    public static int Normalize(ReadOnlySpan<char> path, Span<char> destination, PathNormalization normalization)
    {
        if (normalization == PathNormalization.None)
        {
            path.CopyTo(destination);
            return path.Length;
        }

        var length = Decode(path, destination, decodesSlashes: normalization is PathNormalization.DecodeAndMergeSlashes or PathNormalization.Unknown);
        length = RemoveDotSegments(destination[..length]);
        return normalization == PathNormalization.Base ? length : MergeSlashes(destination[..length]);
    }

    /// <summary>The character that an escape stands for; null where there is no escape at this place.</summary>
    public static byte? EscapeAt(ReadOnlySpan<char> path, int index) =>
        path[index] == '%' && index + 2 < path.Length && char.IsAsciiHexDigit(path[index + 1]) && char.IsAsciiHexDigit(path[index + 2])
            ? (byte)((Digit(path[index + 1]) << 4) | Digit(path[index + 2]))
            : null;

    private static int Decode(ReadOnlySpan<char> path, Span<char> destination, bool decodesSlashes)
    {
        var length = 0;
        for (var i = 0; i < path.Length; i++)
        {
            var c = path[i];
            if (c == '\\')
            {
                destination[length++] = '/';
            }
            else if (Escaped.Contains(c))
            {
                destination[length++] = '%';
                destination[length++] = Hexadecimal(c >> 4);
                destination[length++] = Hexadecimal(c & 0xF);
            }
            else if (EscapeAt(path, i) is { } escaped && (Unreserved.Contains((char)escaped) || (decodesSlashes && (escaped == '/' || escaped == '\\'))))
            {
                destination[length++] = escaped == '\\' ? '/' : (char)escaped;
                i += 2;
            }
            else
            {
                destination[length++] = c;
            }
        }

        return length;
    }

    /// <summary>In place. What leads above the root stays at it.</summary>
    private static int RemoveDotSegments(Span<char> path)
    {
        if (path.IsEmpty || path[0] != '/')
        {
            return path.Length;
        }

        // Each turn takes one segment with the slash before it.
        var length = 0;
        for (var start = 0; start < path.Length;)
        {
            var end = path[(start + 1)..].IndexOf('/') is >= 0 and var next ? start + 1 + next : path.Length;
            var segment = path[(start + 1)..end];
            var isLast = end == path.Length;
            if (segment is ".")
            {
                if (isLast)
                {
                    path[length++] = '/';
                }
            }
            else if (segment is "..")
            {
                length = Math.Max(0, path[..length].LastIndexOf('/'));
                if (isLast)
                {
                    path[length++] = '/';
                }
            }
            else
            {
                path[start..end].CopyTo(path[length..]);
                length += end - start;
            }

            start = end;
        }

        return length;
    }

    private static int MergeSlashes(Span<char> path)
    {
        var length = 0;
        foreach (var c in path)
        {
            if (c != '/' || length == 0 || path[length - 1] != '/')
            {
                path[length++] = c;
            }
        }

        return length;
    }

    private static int Digit(char c) => char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;

    private static char Hexadecimal(int digit) => (char)(digit < 10 ? '0' + digit : 'A' + digit - 10);
}
