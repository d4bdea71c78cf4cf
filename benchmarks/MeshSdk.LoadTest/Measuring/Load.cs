using System.Diagnostics;

namespace MeshSdk.LoadTest.Measuring;

/// <summary>Closed loops: each makes its next step when the last one is done.</summary>
internal static class Load
{
    /// <inheritdoc cref="RunAsync(Func{Loop}, int, TimeSpan)"/>
    public static Task<Window> RunAsync(Contender contender, Call call, int concurrency, TimeSpan duration) =>
        RunAsync(() => new RequestLoop(contender, call), concurrency, duration);

    /// <summary>Runs over a stretch of time.</summary>
    public static async Task<Window> RunAsync(Func<Loop> open, int concurrency, TimeSpan duration)
    {
        var loops = await OpenAsync(open, concurrency);
        var cpu = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        var counts = await Task.WhenAll(loops.Select(loop => Task.Run(async () =>
        {
            var count = 0L;
            while (clock.Elapsed < duration)
            {
                await loop.StepAsync();
                count++;
            }

            return count;
        })));
        var steps = counts.Sum();
        var window = new Window(steps / clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / steps);
        await CloseAsync(loops);
        return window;
    }

    /// <inheritdoc cref="SendAsync(Func{Loop}, int, int)"/>
    public static Task SendAsync(Contender contender, Call call, int concurrency, int requests) =>
        SendAsync(() => new RequestLoop(contender, call), concurrency, requests);

    /// <summary>Makes a number of steps.</summary>
    public static async Task SendAsync(Func<Loop> open, int concurrency, int steps)
    {
        var loops = await OpenAsync(open, concurrency);
        await Task.WhenAll(loops.Select((loop, i) => Task.Run(async () =>
        {
            for (var n = i; n < steps; n += concurrency)
            {
                await loop.StepAsync();
            }
        })));
        await CloseAsync(loops);
    }

    /// <inheritdoc cref="BytesAsync(Func{Loop}, int)"/>
    public static Task<double> BytesAsync(Contender contender, Call call, int concurrency) =>
        BytesAsync(() => new RequestLoop(contender, call), concurrency);

    /// <summary>Bytes that this process allocates for one step. The least of several stretches: what else allocates only adds.</summary>
    public static async Task<double> BytesAsync(Func<Loop> open, int concurrency)
    {
        const int Stretches = 5;
        const int Steps = 4000;
        await SendAsync(open, concurrency, Steps);
        var least = double.MaxValue;
        for (var i = 0; i < Stretches; i++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await SendAsync(open, concurrency, Steps);
            least = Math.Min(least, (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)Steps);
        }

        return least;
    }

    /// <inheritdoc cref="RatioAsync(Func{Loop}, Func{Loop}, int, TimeSpan)"/>
    public static Task<Window> RatioAsync(Contender a, Contender b, Call call, int concurrency, TimeSpan duration) =>
        RatioAsync(() => new RequestLoop(a, call), () => new RequestLoop(b, call), concurrency, duration);

    /// <summary>
    /// <paramref name="b"/> as a multiple of <paramref name="a"/>: medians over short windows in turn, each of <paramref name="b"/> against the mean of
    /// its neighbours, so that whatever else happens on the machine happens to both, and one that slows down steadily favours neither.
    /// </summary>
    public static async Task<Window> RatioAsync(Func<Loop> a, Func<Loop> b, int concurrency, TimeSpan duration)
    {
        var window = TimeSpan.FromMilliseconds(350);
        await RunAsync(b, concurrency, window);
        await RunAsync(a, concurrency, window);
        var rates = new List<double>();
        var cpu = new List<double>();
        var clock = Stopwatch.StartNew();
        var before = await RunAsync(a, concurrency, window);
        do
        {
            var between = await RunAsync(b, concurrency, window);
            var after = await RunAsync(a, concurrency, window);
            rates.Add(between.Rate / ((before.Rate + after.Rate) / 2));
            cpu.Add(between.Cpu / ((before.Cpu + after.Cpu) / 2));
            before = after;
        }
        while (clock.Elapsed < duration);
        return new Window(Median(rates), Median(cpu));
    }

    private static async Task<Loop[]> OpenAsync(Func<Loop> open, int concurrency)
    {
        Loop[] loops = [.. Enumerable.Range(0, concurrency).Select(_ => open())];
        await Task.WhenAll(loops.Select(static loop => loop.BeginAsync()));
        return loops;
    }

    private static Task CloseAsync(Loop[] loops) => Task.WhenAll(loops.Select(static loop => loop.DisposeAsync().AsTask()));

    private static double Median(List<double> values)
    {
        values.Sort();
        return values[values.Count / 2];
    }
}

/// <summary>What a stretch of load came to.</summary>
/// <param name="Rate">Steps a second: requests, calls or messages.</param>
/// <param name="Cpu">Processor time of this process for one step, in microseconds.</param>
internal readonly record struct Window(double Rate, double Cpu);
