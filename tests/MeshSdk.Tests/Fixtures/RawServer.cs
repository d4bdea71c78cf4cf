using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MeshSdk.Tests.Fixtures;

/// <summary>A server that does with a connection what a test says, which no real server would: closes without an answer, resets, answers half.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<RawConnection, Task> _script;
    private readonly Task _accepting;
    private int _requests;
    private int _connections;

    private RawServer(Func<RawConnection, Task> script)
    {
        _script = script;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>How many request heads arrived.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Runs a script for every connection, and closes the connection at its end.</summary>
    public static RawServer Start(Func<RawConnection, Task> script) => new(script);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                running.Add(ServeAsync(socket));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
        }

        await Task.WhenAll(running);
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                await _script(new RawConnection(socket, () => Interlocked.Increment(ref _requests), _stop.Token));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // The other side has gone, or the test is over.
            }
        }
    }
}

/// <summary>One connection to a <see cref="RawServer"/>.</summary>
internal sealed class RawConnection(Socket socket, Action onHead, CancellationToken stop)
{
    public CancellationToken Stop => stop;

    /// <summary>Reads a request up to the empty line; null where the client has closed.</summary>
    public async Task<string?> ReadHeadAsync()
    {
        var head = new StringBuilder();
        var buffer = new byte[1];
        while (await socket.ReceiveAsync(buffer, stop) == 1)
        {
            head.Append((char)buffer[0]);
            if (head.Length >= 4 && head.ToString(head.Length - 4, 4) == "\r\n\r\n")
            {
                onHead();
                return head.ToString();
            }
        }

        return null;
    }

    /// <summary>Reads that many bytes, or what there is before the client closes.</summary>
    public async Task ReadBytesAsync(int count)
    {
        var buffer = new byte[64 * 1024];
        while (count > 0 && await socket.ReceiveAsync(buffer.AsMemory(0, Math.Min(count, buffer.Length)), stop) is > 0 and var read)
        {
            count -= read;
        }
    }

    /// <summary>Reads exactly that many bytes; null where the client closes before.</summary>
    public async Task<byte[]?> TryReadAsync(int count)
    {
        var bytes = new byte[count];
        for (var done = 0; done < count;)
        {
            var read = await socket.ReceiveAsync(bytes.AsMemory(done), stop);
            if (read == 0)
            {
                return null;
            }

            done += read;
        }

        return bytes;
    }

    public Task WriteAsync(string text) => WriteAsync(Encoding.ASCII.GetBytes(text));

    public async Task WriteAsync(ReadOnlyMemory<byte> rest)
    {
        while (rest.Length > 0)
        {
            rest = rest[await socket.SendAsync(rest, stop)..];
        }
    }

    public Task OkAsync(string body = "ok", string headers = "") =>
        WriteAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n{headers}\r\n{body}");

    /// <summary>Closes with RST in place of FIN.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }
}
