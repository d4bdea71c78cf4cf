using System.Globalization;

namespace MeshSdk.Testing.Tables;

/// <summary>Times as kubectl shows them: how long ago, in two units at most, the coarser the older.</summary>
internal static class Ages
{
    public static string Of(string time, DateTimeOffset now) =>
        DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var then) ? Of(now - then) : "<unknown>";

    public static string Of(TimeSpan age)
    {
        var seconds = (long)age.TotalSeconds;
        if (seconds < 0)
        {
            // Clocks of two machines may differ a little.
            return seconds < -1 ? "<invalid>" : "0s";
        }

        var (minutes, hours) = (seconds / 60, seconds / 3600);
        var (days, years) = (hours / 24, hours / 24 / 365);
        return seconds < 120 ? $"{seconds}s"
            : minutes < 10 ? Two(minutes, "m", seconds % 60, "s")
            : minutes < 180 ? $"{minutes}m"
            : hours < 8 ? Two(hours, "h", minutes % 60, "m")
            : hours < 48 ? $"{hours}h"
            : hours < 24 * 8 ? Two(days, "d", hours % 24, "h")
            : days < 365 * 2 ? $"{days}d"
            : days < 365 * 8 ? Two(years, "y", days % 365, "d")
            : $"{years}y";
    }

    private static string Two(long many, string unit, long rest, string smaller) => rest == 0 ? $"{many}{unit}" : $"{many}{unit}{rest}{smaller}";
}
