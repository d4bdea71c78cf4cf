using System.Globalization;
using MeshSdk.LoadTest.Processes;

namespace MeshSdk.LoadTest.Backend;

/// <summary>An <see cref="InboundServer"/>.</summary>
internal sealed class InboundProcess : IDisposable
{
    private readonly ChildProcess _process;

    private InboundProcess(ChildProcess process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    public static async Task<InboundProcess> StartAsync(InboundKind kind, string directory)
    {
        var process = ChildProcess.Start("inbound", kind.ToString(), directory);
        return new InboundProcess(process, int.Parse(await process.ReadLineAsync(), CultureInfo.InvariantCulture));
    }

    public Task<InboundTally> TallyAsync() => AskAsync(InboundServer.Tally);

    /// <summary>After all that can be collected has been.</summary>
    public Task<InboundTally> SettleAsync() => AskAsync(InboundServer.Settle);

    public void Dispose() => _process.Dispose();

    private async Task<InboundTally> AskAsync(string command)
    {
        await _process.WriteLineAsync(command);
        var figures = (await _process.ReadLineAsync()).Split(' ').Select(static text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return new InboundTally(figures[0], figures[1], figures[2], new TimeSpan(figures[3]));
    }
}

/// <summary>What a server has come to.</summary>
/// <param name="Allocated">Bytes since its start.</param>
/// <param name="Heap">Bytes that are in use.</param>
/// <param name="Resident">Bytes of memory.</param>
/// <param name="Processor">Time of all its threads.</param>
internal sealed record InboundTally(long Allocated, long Heap, long Resident, TimeSpan Processor);
