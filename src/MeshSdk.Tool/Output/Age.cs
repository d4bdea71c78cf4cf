using System.Globalization;

namespace MeshSdk.Tool.Output;

/// <summary>An age as kubectl prints it: the two largest units while the smaller one still says something, else one.</summary>
internal static class Age
{
    private const string Unknown = "<unknown>";
    private const int DaysOfYear = 365;

    public static string Of(DateTimeOffset? created, DateTimeOffset now)
    {
        if (created is not { } time)
        {
            return Unknown;
        }

        // A clock that is a little behind that of the server is no error.
        var age = now > time ? now - time : TimeSpan.Zero;
        var (hours, days) = ((int)age.TotalHours, (int)age.TotalDays);
        return age switch
        {
            { TotalMinutes: < 2 } => $"{(int)age.TotalSeconds}s",
            { TotalMinutes: < 10 } => Two((int)age.TotalMinutes, "m", age.Seconds, "s"),
            { TotalHours: < 3 } => $"{(int)age.TotalMinutes}m",
            { TotalHours: < 8 } => Two(hours, "h", age.Minutes, "m"),
            { TotalHours: < 48 } => $"{hours}h",
            { TotalDays: < 8 } => Two(days, "d", age.Hours, "h"),
            { TotalDays: < 2 * DaysOfYear } => $"{days}d",
            { TotalDays: < 8 * DaysOfYear } => Two(days / DaysOfYear, "y", days % DaysOfYear, "d"),
            _ => $"{days / DaysOfYear}y",
        };
    }

    private static string Two(int large, string largeUnit, int small, string smallUnit) => small == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{large}{largeUnit}")
        : string.Create(CultureInfo.InvariantCulture, $"{large}{largeUnit}{small}{smallUnit}");
}
