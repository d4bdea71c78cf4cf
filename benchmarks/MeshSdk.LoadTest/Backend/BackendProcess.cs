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

    public static Task<BackendProcess> StartAsync(int ports) => StartAsync("server", ports.ToString(CultureInfo.InvariantCulture));

    /// <summary>Starts servers that do mutual TLS.</summary>
    /// <param name="ports">For each protocol.</param>
    /// <param name="directory">Where their certificate is.</param>
    /// <param name="tickets">What they let callers come back with.</param>
    public static Task<BackendProcess> StartSecuredAsync(int ports, string directory, SessionTickets tickets) =>
        StartAsync("secured", ports.ToString(CultureInfo.InvariantCulture), directory, tickets.ToString());

    /// <summary>Lets servers that do mutual TLS take up the certificate that is in their directory now.</summary>
    public async Task ReloadAsync()
    {
        await _process.WriteLineAsync(SecuredServer.Reload);
        await _process.ReadLineAsync();
    }

    /// <summary>What servers that do mutual TLS have seen so far.</summary>
    public async Task<HandshakeTally> TallyAsync()
    {
        await _process.WriteLineAsync(SecuredServer.Tally);
        return HandshakeTally.Parse(await _process.ReadLineAsync());
    }

    public void Dispose() => _process.Dispose();

    private static async Task<BackendProcess> StartAsync(params string[] arguments)
    {
        var process = ChildProcess.Start(arguments);
        var line = await process.ReadLineAsync();
        return new BackendProcess(process, [.. line.Split(' ').Select(static p => new IPEndPoint(IPAddress.Loopback, int.Parse(p, CultureInfo.InvariantCulture)))]);
    }
}
