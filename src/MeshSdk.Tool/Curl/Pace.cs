namespace MeshSdk.Tool.Curl;

/// <summary>
/// Hands out the indexes of requests, each when its time has come: request <c>i</c> at <c>t0 + i / rate</c>, late ones at once.
/// </summary>
internal sealed class Pace(int count, double? rate, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private int _next = -1;

    /// <summary>The next index, when it is due; null when all have been given out.</summary>
    public async ValueTask<int?> NextAsync(CancellationToken cancellationToken)
    {
        var index = Interlocked.Increment(ref _next);
        if (index >= count)
        {
            return null;
        }

        if (rate is { } perSecond)
        {
            var wait = TimeSpan.FromSeconds(index / perSecond) - time.GetElapsedTime(_start);
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, time, cancellationToken);
            }
        }

        return index;
    }
}
