using System.Net.Sockets;

namespace MeshSdk.Transport;

/// <summary>
/// A dialled connection, which closes itself where it is not ready for requests in time. The application's own TLS is laid over it by the HTTP stack and
/// not through the dialer, so that the dialer's bound would end before that handshake begins.
/// </summary>
internal sealed class DialedStream : NetworkStream
{
    private readonly CancellationTokenRegistration _expiry;
    private DialDeadline? _deadline;
    private IConnectionWatch? _watch;

    public DialedStream(Socket socket, DialDeadline deadline)
        : base(socket, ownsSocket: true)
    {
        _deadline = deadline;
        _expiry = deadline.Token.UnsafeRegister(static state => ((Socket)state!).Dispose(), socket);
    }

    /// <summary>Setting it also says that the connection is ready: see <see cref="Ready"/>.</summary>
    public override int ReadTimeout
    {
        get => base.ReadTimeout;
        set
        {
            if (_deadline is null)
            {
                base.ReadTimeout = value;
            }
            else
            {
                End();
            }
        }
    }

    /// <summary>
    /// The connection is ready for requests: nothing bounds it any longer. Public API offers no way from an SslStream to the stream below it but
    /// the properties that it hands down; this is one that nobody sets during a handshake.
    /// </summary>
    /// <param name="plaintext">The connection, or the TLS over it.</param>
    /// <exception cref="SocketException">It was not ready in time, and is closed.</exception>
    public static void Ready(Stream plaintext) => plaintext.ReadTimeout = Timeout.Infinite;

    /// <summary>From now on the end of the connection is told of; until then it is whoever dials who tells that there is none.</summary>
    public void TellEndTo(IConnectionWatch? watch) => Volatile.Write(ref _watch, watch);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _deadline is { } deadline ? ReadAsync(buffer, deadline, cancellationToken) : base.ReadAsync(buffer, cancellationToken);

    // Says why the socket was closed under the handshake.
    private async ValueTask<int> ReadAsync(Memory<byte> buffer, DialDeadline deadline, CancellationToken cancellationToken)
    {
        try
        {
            return await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (deadline.IsOver)
        {
            throw deadline.Error();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Disarm();
        }

        base.Dispose(disposing);
        if (Interlocked.Exchange(ref _watch, null) is not { } watch)
        {
            return;
        }

        if (disposing)
        {
            watch.Closed();
        }
        else
        {
            // Forgotten by the HTTP stack. What follows may run code of the application, which has no business on the finalizer thread.
            ThreadPool.UnsafeQueueUserWorkItem(static watch => watch.Closed(), watch, preferLocal: false);
        }
    }

    private void End()
    {
        if (Disarm() is { IsOver: true } deadline)
        {
            throw deadline.Error();
        }
    }

    private DialDeadline? Disarm()
    {
        var deadline = Interlocked.Exchange(ref _deadline, null);
        if (deadline is not null)
        {
            _expiry.Dispose();
            deadline.Dispose();
        }

        return deadline;
    }
}
