using System.Diagnostics;

namespace MeshSdk.LoadTest.Measuring;

/// <summary>What something cost this process to make, and what of it stays.</summary>
/// <param name="Wall">How long it took.</param>
/// <param name="Processor">Processor time of all threads meanwhile.</param>
/// <param name="Allocated">Bytes.</param>
/// <param name="Retained">Bytes that a full collection leaves.</param>
/// <param name="Resident">Bytes by which the process has grown.</param>
internal sealed record Footprint(TimeSpan Wall, TimeSpan Processor, long Allocated, long Retained, long Resident)
{
    /// <summary>Measures the making of something, and disposes of it.</summary>
    public static async Task<Footprint> OfAsync<T>(Func<Task<T>> make)
        where T : class
    {
        // What was let go a moment ago may still be on its way out.
        await Task.Delay(200);
        var retained = GC.GetTotalMemory(forceFullCollection: true);
        var resident = Environment.WorkingSet;
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var processor = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        var made = await make();
        var wall = clock.Elapsed;
        processor = Environment.CpuUsage.TotalTime - processor;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        await Task.Delay(200);
        retained = GC.GetTotalMemory(forceFullCollection: true) - retained;
        resident = Environment.WorkingSet - resident;
        GC.KeepAlive(made);
        await (made is IAsyncDisposable disposable ? disposable.DisposeAsync() : ValueTask.CompletedTask);
        return new Footprint(wall, processor, allocated, retained, resident);
    }
}
