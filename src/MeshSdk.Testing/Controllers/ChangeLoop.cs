using System.Threading.Channels;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Controllers;

/// <summary>
/// The loop of a controller: all changes that there are, in the order of the sources, then its work, then the next ones. The work begins only when all
/// that was there at the start has been told: a Service whose pods are still on their way must not look like one without pods.
/// </summary>
internal static class ChangeLoop
{
    /// <summary>Runs until cancelled, which is no error.</summary>
    /// <param name="begin">
    /// Starts with nothing known; called again when a watch ends, as when the versions of all objects begin anew and what was noted of them means nothing.
    /// </param>
    public static async Task RunAsync(IClusterApi api, Func<ChangeRound> begin, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
            try
            {
                await RunAsync(api, begin(), ended.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                // The server is stopped.
            }
            finally
            {
                await ended.CancelAsync().ConfigureAwait(false);
            }
        }
    }

    private static async Task RunAsync(IClusterApi api, ChangeRound round, CancellationToken ct)
    {
        var feeds = round.Sources.Select(source => ChangeFeed.Open(api, source, ct)).ToList();
        if (round.Signals is { } signals)
        {
            feeds.Add(new ChangeFeed(signals.Changes, signals.Apply, []));
        }

        // One pending wait a channel at most, whatever kind of channel it is.
        var waits = new Task<bool>?[feeds.Count];
        while (!ct.IsCancellationRequested)
        {
            var hasChanged = false;
            foreach (var feed in feeds)
            {
                hasChanged |= feed.Drain();
            }

            if (hasChanged)
            {
                if (feeds.TrueForAll(feed => feed.IsComplete))
                {
                    round.Work();
                }

                continue;
            }

            for (var i = 0; i < feeds.Count; i++)
            {
                waits[i] = waits[i] is { IsCompleted: false } pending ? pending : feeds[i].WaitAsync(ct);
            }

            if (!await (await Task.WhenAny(waits!).ConfigureAwait(false)).ConfigureAwait(false))
            {
                return;
            }
        }
    }
}

/// <summary>What a controller looks at, and what it does when it has looked.</summary>
/// <param name="Work">Called after each batch of changes.</param>
/// <param name="Signals">What else there is to work for than changes of objects.</param>
internal sealed record ChangeRound(
    IReadOnlyList<ChangeSource> Sources, Action Work, (ChannelReader<ApiChange> Changes, Action<ApiChange> Apply)? Signals = null);

/// <summary>A kind that a controller looks at.</summary>
internal sealed record ChangeSource(string Group, string Plural, Action<ApiChange> Apply);
