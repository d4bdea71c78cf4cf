using System.Globalization;

namespace MeshSdk.Http.Rpc;

/// <summary>The value of <c>grpc-timeout</c>: up to eight digits and a unit.</summary>
internal static class GrpcTimeout
{
    public const string Header = "grpc-timeout";

    private const int MostDigits = 8;
    private const long Most = 99_999_999;
    private const long NanosecondsPerTick = 100;

    private static readonly HttpRequestOptionsKey<string?> CallersKey = new("MeshSdk.CallersGrpcTimeout");

    // From fine to coarse. Nanoseconds are less than a tick.
    private static readonly (char Unit, long Ticks)[] Units =
    [
        ('u', TimeSpan.TicksPerMicrosecond), ('m', TimeSpan.TicksPerMillisecond), ('S', TimeSpan.TicksPerSecond), ('M', TimeSpan.TicksPerMinute), ('H', TimeSpan.TicksPerHour),
    ];

    /// <summary>Keeps what the caller has said for a call that is decided on anew with less, until <see cref="Restore"/>.</summary>
    public static void Keep(HttpRequestMessage request, string callers)
    {
        if (!request.Options.TryGetValue(CallersKey, out var kept) || kept is null)
        {
            request.Options.Set(CallersKey, callers);
        }
    }

    /// <summary>Puts back what was kept, if anything was.</summary>
    public static void Restore(HttpRequestMessage request)
    {
        if (request.Options.TryGetValue(CallersKey, out var callers) && callers is not null)
        {
            request.Options.Set(CallersKey, null);
            request.Headers.Remove(Header);
            request.Headers.TryAddWithoutValidation(Header, callers);
        }
    }

    /// <summary>In milliseconds where they fit, in microseconds below one; rounded up, so that nobody gives up before whoever says this does.</summary>
    /// <param name="timeout">What is not positive becomes the least there is, for 0 is no timeout of gRPC's.</param>
    public static string Format(TimeSpan timeout)
    {
        var ticks = Math.Max(timeout.Ticks, TimeSpan.TicksPerMicrosecond);
        foreach (var (unit, length) in Units)
        {
            var count = ((ticks - 1) / length) + 1;
            if ((unit != 'u' || ticks < TimeSpan.TicksPerMillisecond) && count <= Most)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{count}{unit}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{Most}H");
    }

    /// <returns>Null for what is no timeout.</returns>
    public static TimeSpan? Parse(string? text)
    {
        if (text is not { Length: >= 2 and <= MostDigits + 1 }
            || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return null;
        }

        var unit = text[^1];
        if (unit == 'n')
        {
            return TimeSpan.FromTicks(count / NanosecondsPerTick);
        }

        var at = Array.FindIndex(Units, entry => entry.Unit == unit);
        return at < 0 ? null : TimeSpan.FromTicks(count * Units[at].Ticks);
    }
}
