using System.Net;
using System.Net.Sockets;

namespace MeshSdk.Kubernetes.Tests.EndToEnd;

/// <summary>
/// Words to and fro over a connection of their own. They take as long as those between an application and its API server, however busy the machine is:
/// they wait for the same processors, the same sockets and the same threads.
/// </summary>
internal sealed class RoundTrips : IDisposable
{
    // Both ways of a request and its answer, through TLS and HTTP/2 on both sides, have about as many turns as these.
    private const int PerRequest = 4;

    private readonly Socket _near = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _word = new byte[1];
    private Socket? _far;

    /// <summary>Lets as much time pass as a request and its answer take.</summary>
    public async Task MakeAsync()
    {
        _far ??= await ConnectAsync();
        for (var i = 0; i < PerRequest; i++)
        {
            var answering = AnswerAsync(_far);
            await _near.SendAsync(_word);
            await _near.ReceiveAsync(_word);
            await answering;
        }
    }

    public void Dispose()
    {
        _near.Dispose();
        _far?.Dispose();
    }

    private async Task<Socket> ConnectAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        await _near.ConnectAsync(listener.LocalEndPoint!, TestContext.Current.CancellationToken);
        var far = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        far.NoDelay = true;
        return far;
    }

    private static async Task AnswerAsync(Socket far)
    {
        var word = new byte[1];
        await far.ReceiveAsync(word);
        await far.SendAsync(word);
    }
}
