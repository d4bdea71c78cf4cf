namespace CanaryDemo;

/// <summary>How requests have come to servers.</summary>
/// <param name="Mutual">By mutual TLS, from a caller that has proved who it is.</param>
/// <param name="Plain">In plaintext, from anybody.</param>
internal readonly record struct Arrivals(long Mutual, long Plain)
{
    public long Requests => Mutual + Plain;

    /// <summary>Of all requests, those by mutual TLS; 0 where there are none.</summary>
    public double Share => Requests == 0 ? 0 : (double)Mutual / Requests;

    public static Arrivals operator +(Arrivals left, Arrivals right) => new(left.Mutual + right.Mutual, left.Plain + right.Plain);

    public static Arrivals operator -(Arrivals left, Arrivals right) => new(left.Mutual - right.Mutual, left.Plain - right.Plain);
}
