namespace CanaryDemo;

/// <summary>How a number of calls was divided, beside what the weights promise.</summary>
/// <remarks>
/// <para>
/// The mesh does not throw dice. Weights reduce to a period (90/10 to nine and one, 50/50 to one and one), and each period of requests holds
/// exactly its shares. So calls that are counted from the first on are off by less than one, and 20 of them at 90/10 are 18 and 2. Calls counted from
/// somewhere in the middle have an incomplete period at either end. Endpoints of a version take turns, so that their counts differ by one at most.
/// </para>
/// <para>
/// Where several callers call at once, some calls at the ends of the stretch fall to it by its place among all calls, and to its neighbour by the
/// clock, or the other way round: that is the slack. A weight of zero knows no slack.
/// </para>
/// </remarks>
internal sealed record Split(Weights Weights, IReadOnlyList<SplitRow> Rows, int Requests, int Failed, string? Problem)
{
    public bool Holds => IsDivided && Rows.All(row => row.IsProved);

    /// <summary>The same, whoever has answered.</summary>
    public bool IsDivided => Failed == 0 && Requests > 0 && Rows.All(row => row.IsWithin);

    /// <param name="replies">How often each reply came.</param>
    /// <param name="weights">What the route said meanwhile.</param>
    /// <param name="pods">All that there are.</param>
    /// <param name="slack">How many calls may be missing or too many at the ends; 0 where the first call of the mesh is counted, and one caller makes them all.</param>
    public static Split Of(IReadOnlyDictionary<Reply, int> replies, Weights weights, IReadOnlyList<Pod> pods, int slack)
    {
        var requests = replies.Values.Sum();
        var failures = replies.Where(reply => !reply.Key.Succeeded).ToList();
        var rows = new List<SplitRow>();
        foreach (var version in pods.GroupBy(pod => pod.Version))
        {
            var count = Count(reply => reply.Text == version.First().Hello);
            rows.Add(new SplitRow($"backend-{version.Key}", weights.Of(version.Key), count, BoundsOf(version.Key))
            {
                Peers = [.. replies.Keys.Where(reply => reply.Text == version.First().Hello).Select(reply => reply.Peer ?? "nobody: plaintext").Distinct()],
                Identity = version.First().Identity,
            });
            rows.AddRange(version.Select(pod => new SplitRow(
                $"  {pod.Address}", null, Count(reply => reply.Endpoint == pod.Address.ToString()), Turns(count, version.Count()))));
        }

        return new Split(weights, rows, requests, failures.Sum(failure => failure.Value), failures.FirstOrDefault().Key?.Text.TrimEnd());

        int Count(Func<Reply, bool> condition) => replies.Where(reply => condition(reply.Key)).Sum(reply => reply.Value);

        (int, int) BoundsOf(string version)
        {
            var expected = (double)requests * weights.Of(version) / weights.Total;
            return weights.V1 == 0 || weights.V2 == 0
                ? ((int)expected, (int)expected)
                : (Math.Max(0, (int)Math.Floor(expected) - slack), Math.Min(requests, (int)Math.Ceiling(expected) + slack));
        }

        (int, int) Turns(int count, int endpoints) =>
            (Math.Max(0, (count / endpoints) - slack), Math.Min(count, ((count + endpoints - 1) / endpoints) + slack));
    }
}

/// <param name="Name">A Service, or one of its endpoints.</param>
/// <param name="Weight">The weight of the Service; null for an endpoint.</param>
/// <param name="Count">How many calls it got.</param>
/// <param name="Bounds">How many it should have got.</param>
internal sealed record SplitRow(string Name, int? Weight, int Count, (int Least, int Most) Bounds)
{
    /// <summary>Who those have proved to be that answered; empty for an endpoint, and where nobody has been called.</summary>
    public IReadOnlyList<string> Peers { get; init; } = [];

    /// <summary>Who they have to be; null for an endpoint.</summary>
    public string? Identity { get; init; }

    public bool Holds => IsWithin && IsProved;

    public bool IsWithin => Count >= Bounds.Least && Count <= Bounds.Most;

    public bool IsProved => Peers.All(peer => peer == Identity);

    public string Expected => Bounds.Least == Bounds.Most ? $"{Bounds.Least}" : $"{Bounds.Least} to {Bounds.Most}";
}
