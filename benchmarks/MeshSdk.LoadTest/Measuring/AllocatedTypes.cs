using System.Diagnostics.Tracing;

namespace MeshSdk.LoadTest.Measuring;

/// <summary>
/// What the bytes of a step consist of, by the runtime's own samples: about one for each 100 kB that are allocated, each of which stands for as many.
/// </summary>
internal sealed class AllocatedTypes : EventListener
{
    private const int Steps = 200_000;
    private const EventKeywords GarbageCollection = (EventKeywords)1;

    private readonly Dictionary<string, long> _bytes = [];
    private readonly Lock _lock = new();

    public IEnumerable<string> Types => _bytes.Keys;

    /// <summary>Samples a load, 16 steps at a time.</summary>
    public static async Task<AllocatedTypes> SampleAsync(Func<Loop> open)
    {
        await Load.SendAsync(open, 16, 4_000);
        using var types = new AllocatedTypes();
        await Load.SendAsync(open, 16, Steps);
        return types;
    }

    /// <summary>Bytes of a type in one step.</summary>
    public double BytesOf(string type) => _bytes.GetValueOrDefault(type) / (double)Steps;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
        {
            EnableEvents(eventSource, EventLevel.Verbose, GarbageCollection);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData is not { EventName: "GCAllocationTick_V4" or "GCAllocationTick_V3", PayloadNames: { } names, Payload: { } values })
        {
            return;
        }

        if (values[names.IndexOf("TypeName")] is string { Length: > 0 } type && values[names.IndexOf("AllocationAmount64")] is ulong amount)
        {
            lock (_lock)
            {
                _bytes[type] = _bytes.GetValueOrDefault(type) + (long)amount;
            }
        }
    }
}
