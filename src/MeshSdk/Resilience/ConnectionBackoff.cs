namespace MeshSdk.Resilience;

/// <summary>
/// How long endpoints are left alone that could not be connected to, by a call that waits until it can be sent and by whoever asks them for their health. As
/// gRPC has it for connections: 1 s, each time 1.6 times as long, 120 s at most, 20 % more or less.
/// </summary>
internal static class ConnectionBackoff
{
    private const double Initial = 1;
    private const double Multiplier = 1.6;
    private const double Longest = 120;
    private const double Jitter = 0.2;

    /// <param name="number">How many waits came before this one.</param>
    /// <param name="random">From 0 to less than 1.</param>
    public static TimeSpan Wait(int number, double random) =>
        TimeSpan.FromSeconds(Math.Min(Initial * Math.Pow(Multiplier, number), Longest) * (1 + (Jitter * ((2 * random) - 1))));
}
