namespace CanaryDemo;

/// <summary>Lets calls go on and shows what becomes of them, while somebody changes the cluster from a second terminal.</summary>
internal sealed class Steering(Route route, IReadOnlyList<Pod> pods, Report report)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <param name="client">Calls go through it.</param>
    /// <param name="duration">Null: until it is stopped.</param>
    /// <param name="stop">The regular end, not a failure.</param>
    /// <returns>Whether every call succeeded. How they were divided is for whoever steers to judge.</returns>
    public async Task<bool> RunAsync(HttpClient client, TimeSpan? duration, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        end.CancelAfter(duration ?? Timeout.InfiniteTimeSpan);
        report.Steering(duration);
        await using var traffic = new Traffic(client, CancellationToken.None);
        try
        {
            await ShowAsync(traffic.StartTally(), end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The time is over, or the demo was stopped.
        }

        await traffic.StopAsync();
        var (requests, failed) = traffic.Total();
        report.Total(requests, failed, "in all");
        return failed == 0;
    }

    private async Task ShowAsync(Tally tally, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval);
        var (shownRoute, shown) = ("", tally.Read());
        do
        {
            var described = await route.DescribeAsync(cancellationToken);
            if (described != shownRoute)
            {
                report.Route(described);
                shownRoute = described;
            }

            var read = tally.Read();
            if (read.Count > 0)
            {
                report.Second(Shares.Between(shown, read, pods));
            }

            shown = read;
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }
}
