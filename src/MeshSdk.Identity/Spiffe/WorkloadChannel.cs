using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using MeshSdk.Identity.Protocol;

namespace MeshSdk.Identity.Spiffe;

/// <summary>One connection to the Workload API: HTTP/2 without TLS, over a socket that the operating system says who is at the other end of.</summary>
internal sealed class WorkloadChannel : IDisposable
{
    // Without it the agent refuses: a page that a browser was lured to, or a server that fetches URLs for others, cannot set it.
    private static readonly Metadata Security = new() { { "workload.spiffe.io", "true" } };

    private readonly GrpcChannel _channel;

    /// <param name="endpoint">Where it is.</param>
    /// <param name="pings">After how long a silence the agent is asked whether it is still there.</param>
    /// <param name="pingTimeout">How long it has to say so. An agent that hangs would otherwise be waited for until the identity expires.</param>
    public WorkloadChannel(EndPoint endpoint, TimeSpan pings, TimeSpan pingTimeout)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            KeepAlivePingDelay = pings,
            KeepAlivePingTimeout = pingTimeout,
            ConnectCallback = (_, cancellationToken) => ConnectAsync(endpoint, cancellationToken),
        };
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }

    public AsyncServerStreamingCall<X509SVIDResponse> Fetch(CancellationToken cancellationToken) =>
        new SpiffeWorkloadAPI.SpiffeWorkloadAPIClient(_channel).FetchX509SVID(new X509SVIDRequest(), Security, cancellationToken: cancellationToken);

    public void Dispose() => _channel.Dispose();

    private static async ValueTask<Stream> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken)
    {
        var socket = endpoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endpoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
