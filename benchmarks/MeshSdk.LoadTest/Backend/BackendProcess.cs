using System.Globalization;
using System.Net;
using MeshSdk.LoadTest.Processes;

namespace MeshSdk.LoadTest.Backend;

/// <summary>The servers, in a process of their own, so that what is allocated in this one is the client's alone.</summary>
internal sealed class BackendProcess : IDisposable
{
    private readonly ChildProcess _process;

    private BackendProcess(ChildProcess process, IPEndPoint[] endpoints)
    {
        _process = process;
        Http1 = endpoints[..(endpoints.Length / 2)];
        Http2 = endpoints[(endpoints.Length / 2)..];
    }

    public IPEndPoint[] Http1 { get; }

    public IPEndPoint[] Http2 { get; }

    public static async Task<BackendProcess> StartAsync(int ports)
    {
        var process = ChildProcess.Start("server", ports.ToString(CultureInfo.InvariantCulture));
        var line = await process.ReadLineAsync();
        return new BackendProcess(process, [.. line.Split(' ').Select(static p => new IPEndPoint(IPAddress.Loopback, int.Parse(p, CultureInfo.InvariantCulture)))]);
    }

    public void Dispose() => _process.Dispose();
}
