using System.Net;
using System.Net.Sockets;

namespace MeshSdk.Transport;

/// <summary>By when a connection has to be ready for requests: TCP, and TLS where there is some, share one bound.</summary>
internal sealed class DialDeadline(IPEndPoint address, TimeSpan bound, TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _source = new(bound, time);

    private readonly long _begun = time.GetTimestamp();

    /// <summary>How much of it there is yet.</summary>
    public TimeSpan Left => bound == Timeout.InfiniteTimeSpan ? bound : bound - time.GetElapsedTime(_begun);

    public CancellationToken Token => _source.Token;

    public bool IsOver => _source.IsCancellationRequested;

    /// <summary>What a connection that came too late fails with.</summary>
    public SocketException Error() => new((int)SocketError.TimedOut, $"No connection to {address} within {bound.TotalSeconds:0.###} s");

    public void Dispose() => _source.Dispose();
}
