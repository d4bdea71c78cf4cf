using System.Diagnostics;

namespace MeshSdk.LoadTest.Measuring;

/// <summary>Closed loops: each sends its next request when the last one is answered.</summary>
internal static class Load
{
    /// <summary>Requests a second over a stretch of time.</summary>
    public static async Task<double> RateAsync(Contender contender, Call call, int concurrency, TimeSpan duration)
    {
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(async () =>
        {
            var buffer = new byte[256];
            var count = 0L;
            while (clock.Elapsed < duration)
            {
                await call.SendAsync(contender, buffer);
                count++;
            }

            return count;
        })));
        return counts.Sum() / clock.Elapsed.TotalSeconds;
    }

    /// <summary>Sends a number of requests.</summary>
    public static Task SendAsync(Contender contender, Call call, int concurrency, int requests) =>
        Task.WhenAll(Enumerable.Range(0, concurrency).Select(i => Task.Run(async () =>
        {
            var buffer = new byte[256];
            for (var n = i; n < requests; n += concurrency)
            {
                await call.SendAsync(contender, buffer);
            }
        })));

    /// <summary>Bytes that this process allocates for one request. The least of several stretches: what else allocates only adds.</summary>
    public static async Task<double> BytesAsync(Contender contender, Call call, int concurrency)
    {
        const int Stretches = 5;
        const int Requests = 4000;
        await SendAsync(contender, call, concurrency, Requests);
        var least = double.MaxValue;
        for (var i = 0; i < Stretches; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await SendAsync(contender, call, concurrency, Requests);
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Requests);
        }

        return least;
    }

    /// <summary>
    /// The rate of <paramref name="b"/> as a multiple of that of <paramref name="a"/>: the median over pairs of short windows, one right after the
    /// other, so that whatever else happens on the machine happens to both.
    /// </summary>
    public static async Task<double> RatioAsync(Contender a, Contender b, Call call, int concurrency, TimeSpan duration)
    {
        var window = TimeSpan.FromMilliseconds(350);
        await RateAsync(a, call, concurrency, window);
        await RateAsync(b, call, concurrency, window);
        var ratios = new List<double>();
        var clock = Stopwatch.StartNew();
        do
        {
            var first = await RateAsync(a, call, concurrency, window);
            var second = await RateAsync(b, call, concurrency, window);
            var third = await RateAsync(a, call, concurrency, window);

            // Against the mean of its neighbours: a machine that slows down steadily favours neither.
            ratios.Add(second / ((first + third) / 2));
        }
        while (clock.Elapsed < duration);
        ratios.Sort();
        return ratios[ratios.Count / 2];
    }
}
