using System.Globalization;
using System.Net;
using MeshSdk.LoadTest.Processes;

namespace MeshSdk.LoadTest.Backend;

/// <summary>A <see cref="GrpcServer"/> with five endpoints: three of version 1, two of version 2.</summary>
internal sealed class GrpcBackend : IDisposable
{
    private const int Ports = 5;

    private readonly ChildProcess _process;

    private GrpcBackend(ChildProcess process, IPEndPoint[] endpoints) => (_process, All) = (process, endpoints);

    public IPEndPoint[] All { get; }

    public IPEndPoint[] V1 => All[..3];

    public IPEndPoint[] V2 => All[3..];

    /// <param name="directory">Where the servers' certificate is; null: cleartext.</param>
    public static async Task<GrpcBackend> StartAsync(string? directory = null)
    {
        var ports = Ports.ToString(CultureInfo.InvariantCulture);
        var process = directory is null ? ChildProcess.Start("grpc-server", ports) : ChildProcess.Start("grpc-server", ports, directory);
        var line = await process.ReadLineAsync();
        return new GrpcBackend(process, [.. line.Split(' ').Select(static p => new IPEndPoint(IPAddress.Loopback, int.Parse(p, CultureInfo.InvariantCulture)))]);
    }

    /// <summary>Makes an endpoint answer every call with UNAVAILABLE, or lets it be.</summary>
    public async Task SetFailingAsync(IPEndPoint endpoint, bool isFailing)
    {
        await _process.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{(isFailing ? GrpcServer.Fail : GrpcServer.Heal)} {endpoint.Port}"));
        await _process.ReadLineAsync();
    }

    public void Dispose() => _process.Dispose();
}
