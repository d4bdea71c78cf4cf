using System.Globalization;

namespace MeshSdk.Testing.Schemas;

/// <summary>Which version of a group clients take first: v2 before v1 before v1beta1 before v1alpha3, others after these by name.</summary>
internal sealed class VersionPriority : IComparer<string>
{
    public static VersionPriority Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (left, right) = (Rank(x ?? ""), Rank(y ?? ""));
        return left == right ? string.CompareOrdinal(x, y) : right.CompareTo(left);
    }

    private static (int Stability, int Major, int Minor) Rank(string version)
    {
        var rest = version.AsSpan();
        if (!rest.StartsWith("v") || !Number(ref rest, 1, out var major))
        {
            return default;
        }

        var stability = rest switch
        {
            "" => 3,
            _ when rest.StartsWith("beta") => 2,
            _ when rest.StartsWith("alpha") => 1,
            _ => 0,
        };
        return stability switch
        {
            3 => (3, major, 0),
            2 when Number(ref rest, "beta".Length, out var minor) && rest.IsEmpty => (2, major, minor),
            1 when Number(ref rest, "alpha".Length, out var minor) && rest.IsEmpty => (1, major, minor),
            _ => default,
        };
    }

    private static bool Number(ref ReadOnlySpan<char> text, int start, out int number)
    {
        var end = start;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        var digits = text[start..end];
        text = text[end..];
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;
    }
}
