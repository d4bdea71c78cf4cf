using MeshSdk.Model;

namespace MeshSdk.Resilience.Outliers;

/// <summary>How long ejections last: each longer than the one before, up to a bound, and shorter again for an endpoint that keeps well.</summary>
internal static class EjectionTime
{
    /// <summary>The time after which an endpoint may return, at the next tick of the interval.</summary>
    /// <param name="model">Its policy.</param>
    /// <param name="backoff">What its ejections and its good times have come to: 1 at the first ejection.</param>
    public static TimeSpan Of(OutlierDetectionModel model, int backoff)
    {
        var longest = LongestOf(model);

        // A policy may state times of centuries.
        var time = (Int128)model.BaseEjectionTime.Ticks * backoff;
        return time < longest.Ticks ? new TimeSpan((long)time) : longest;
    }

    /// <summary>
    /// What the backoff is after one ejection more. It goes a step beyond the longest time, as Envoy's does: an endpoint that was ejected for that long
    /// has to keep well for an interval more before its next ejection is a shorter one.
    /// </summary>
    public static int Grow(OutlierDetectionModel model, int backoff) =>
        (Int128)model.BaseEjectionTime.Ticks * backoff < (Int128)LongestOf(model).Ticks + model.BaseEjectionTime.Ticks && backoff < int.MaxValue
            ? backoff + 1
            : backoff;

    private static TimeSpan LongestOf(OutlierDetectionModel model) =>
        model.MaxEjectionTime > model.BaseEjectionTime ? model.MaxEjectionTime : model.BaseEjectionTime;
}
