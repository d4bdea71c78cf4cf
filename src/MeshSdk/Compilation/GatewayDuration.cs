using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace MeshSdk.Compilation;

/// <summary>
/// Durations as the Gateway API writes them (GEP-2257): one to four components of one to five digits and a unit (h, m, s, ms), in any
/// order, which add up.
/// </summary>
internal static class GatewayDuration
{
    private const int MaximumComponents = 4;
    private const int MaximumDigits = 5;

    /// <exception cref="FormatException">The text is no such duration.</exception>
    public static TimeSpan Parse(string text) =>
        TryParse(text, out var value) ? value : throw new FormatException($"'{text}' is no duration such as 1m30s or 500ms");

    public static bool TryParse([NotNullWhen(true)] string? text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        var rest = text.AsSpan();
        if (rest.IsEmpty)
        {
            return false;
        }

        var total = 0L;
        for (var component = 0; !rest.IsEmpty; component++)
        {
            var digits = 0;
            var number = 0L;
            while (digits < rest.Length && char.IsAsciiDigit(rest[digits]))
            {
                number = (number * 10) + (rest[digits] - '0');
                if (++digits > MaximumDigits)
                {
                    return false;
                }
            }

            rest = rest[digits..];
            if (digits == 0 || component == MaximumComponents || !TryTakeUnit(ref rest, out var milliseconds))
            {
                return false;
            }

            total += number * milliseconds;
        }

        value = TimeSpan.FromMilliseconds(total);
        return true;
    }

    /// <summary>Largest unit first, without components of zero; <c>0s</c> for nothing. Fractions of a millisecond are dropped.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The duration is negative.</exception>
    public static string Format(TimeSpan value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
        var text = new StringBuilder();
        Append((long)Math.Floor(value.TotalHours), "h");
        Append(value.Minutes, "m");
        Append(value.Seconds, "s");
        Append(value.Milliseconds, "ms");
        return text.Length == 0 ? "0s" : text.ToString();

        void Append(long number, string unit)
        {
            if (number > 0)
            {
                text.Append(number.ToString(CultureInfo.InvariantCulture)).Append(unit);
            }
        }
    }

    private static bool TryTakeUnit(ref ReadOnlySpan<char> rest, out long milliseconds)
    {
        (var length, milliseconds) = rest switch
        {
            ['m', 's', ..] => (2, 1L),
            ['s', ..] => (1, 1_000L),
            ['m', ..] => (1, 60_000L),
            ['h', ..] => (1, 3_600_000L),
            _ => (0, 0L),
        };
        rest = rest[length..];
        return length > 0;
    }
}
