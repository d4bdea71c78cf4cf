namespace CanaryDemo.Migrating;

/// <summary>What became of the calls of a while.</summary>
/// <param name="Split">How they were divided, as the callers have it.</param>
/// <param name="Arrivals">How they came, as the servers count it.</param>
internal sealed record Stage(Split Split, Arrivals Arrivals)
{
    /// <summary>Each client pod divides its calls by itself, and is at some place of its period at either end; one that is replaced has two more ends.</summary>
    public const int Slack = (4 * Traffic.Callers) + 1;

    /// <param name="mutual">The share of mutual TLS that there has to be, all or nothing.</param>
    /// <returns>Whether no call failed, all were divided as the route says, and came as they should; and where that is by mutual TLS, to whom they should.</returns>
    public bool Holds(double mutual) => (mutual == 0 ? Split.IsDivided : Split.Holds) && Arrivals.Requests > 0 && Arrivals.Share == mutual;
}
