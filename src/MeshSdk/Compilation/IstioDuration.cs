using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MeshSdk.Compilation;

/// <summary>Durations as Istio's objects write them: a sequence of decimal numbers with a unit (h, m, s, ms, us, ns), such as <c>1.5s</c>.</summary>
internal static class IstioDuration
{
    private const int LongestNumber = 15;

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    /// <summary>Fractions of a tick (100 ns) are dropped. Negative durations are not accepted: no field means anything by one.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        if (text == "0")
        {
            return true;
        }

        var ticks = 0m;
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            var length = rest.IndexOfAnyExcept(NumberCharacters);
            if (length <= 0 || !TryParseNumber(rest[..length], out var number) || !TryTakeUnit(rest[length..], out var unit, out rest))
            {
                return false;
            }

            ticks += number * unit;
            if (ticks > long.MaxValue)
            {
                return false;
            }
        }

        value = TimeSpan.FromTicks((long)ticks);
        return true;
    }

    private static bool TryParseNumber(ReadOnlySpan<char> text, out decimal number)
    {
        number = 0;
        return text.Length <= LongestNumber && text.ContainsAnyInRange('0', '9')
            && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
    }

    private static bool TryTakeUnit(ReadOnlySpan<char> text, out decimal ticks, out ReadOnlySpan<char> rest)
    {
        (var length, ticks) = text switch
        {
            ['n', 's', ..] => (2, 0.01m),
            ['u' or 'µ' or 'μ', 's', ..] => (2, 10m),
            ['m', 's', ..] => (2, (decimal)TimeSpan.TicksPerMillisecond),
            ['s', ..] => (1, TimeSpan.TicksPerSecond),
            ['m', ..] => (1, TimeSpan.TicksPerMinute),
            ['h', ..] => (1, TimeSpan.TicksPerHour),
            _ => (0, 0m),
        };
        rest = text[length..];
        return length > 0;
    }
}
