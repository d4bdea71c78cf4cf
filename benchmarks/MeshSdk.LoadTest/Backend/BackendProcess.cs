using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace MeshSdk.LoadTest.Backend;

/// <summary>The servers, in a process of their own, so that what is allocated in this one is the client's alone.</summary>
internal sealed class BackendProcess : IDisposable
{
    private readonly Process _process;

    private BackendProcess(Process process, IPEndPoint[] endpoints)
    {
        _process = process;
        Http1 = endpoints[..(endpoints.Length / 2)];
        Http2 = endpoints[(endpoints.Length / 2)..];
    }

    public IPEndPoint[] Http1 { get; }

    public IPEndPoint[] Http2 { get; }

    public static async Task<BackendProcess> StartAsync(int ports)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(BackendProcess).Assembly.Location);
        }

        start.ArgumentList.Add("server");
        start.ArgumentList.Add(ports.ToString(CultureInfo.InvariantCulture));
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The server process did not start.");
        return new BackendProcess(process, [.. line.Split(' ').Select(static p => new IPEndPoint(IPAddress.Loopback, int.Parse(p, CultureInfo.InvariantCulture)))]);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000))
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
