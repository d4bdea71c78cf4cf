using System.Diagnostics;

namespace MeshSdk.LoadTest.Measuring;

/// <summary>Closed loops: each sends its next request when the last one is answered.</summary>
internal static class Load
{
    /// <summary>Sends over a stretch of time.</summary>
    public static async Task<Window> RunAsync(Contender contender, Call call, int concurrency, TimeSpan duration)
    {
        var cpu = Environment.CpuUsage.TotalTime;
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
        var requests = counts.Sum();
        return new Window(requests / clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / requests);
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
    /// <paramref name="b"/> as a multiple of <paramref name="a"/>: medians over short windows in turn, each of <paramref name="b"/> against the mean of
    /// its neighbours, so that whatever else happens on the machine happens to both, and one that slows down steadily favours neither.
    /// </summary>
    public static async Task<Window> RatioAsync(Contender a, Contender b, Call call, int concurrency, TimeSpan duration)
    {
        var window = TimeSpan.FromMilliseconds(350);
        await RunAsync(b, call, concurrency, window);
        await RunAsync(a, call, concurrency, window);
        var rates = new List<double>();
        var cpu = new List<double>();
        var clock = Stopwatch.StartNew();
        var before = await RunAsync(a, call, concurrency, window);
        do
        {
            var between = await RunAsync(b, call, concurrency, window);
            var after = await RunAsync(a, call, concurrency, window);
            rates.Add(between.Rate / ((before.Rate + after.Rate) / 2));
            cpu.Add(between.Cpu / ((before.Cpu + after.Cpu) / 2));
            before = after;
        }
        while (clock.Elapsed < duration);
        return new Window(Median(rates), Median(cpu));
    }

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}

/// <summary>What a stretch of load came to.</summary>
/// <param name="Rate">Requests a second.</param>
/// <param name="Cpu">Processor time of this process for one request, in microseconds.</param>
internal readonly record struct Window(double Rate, double Cpu);
