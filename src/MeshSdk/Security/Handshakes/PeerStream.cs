using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace MeshSdk.Security.Handshakes;

/// <summary>
/// A connection to a peer that has proved who it is. Whether the peer believes us is not known before its first answer: under TLS 1.3 a server judges our certificate
/// when our side of the handshake is over, and what it says then fails a read, or a write, of the first request.
/// </summary>
/// <remarks>
/// Over HTTP/2 a server has to speak as soon as the connection begins, whether it is asked anything or not (RFC 9113, 3.4). So the beginning of our own side is not over before
/// it has: a connection that the server does not want is one that could not be made, and no request is lost with it.
/// </remarks>
internal sealed class PeerStream(HandshakeTap connection, HandshakeReport report, bool http2, TimeSpan patience, TimeProvider time)
    : SslStream(connection, leaveInnerStreamOpen: false)
{
    // No more than the settings of a server, as a rule: what it says first.
    private const int FirstWordLength = 128;

    private readonly Lock _gate = new();
    private readonly long _begun = time.GetTimestamp();
    private Task<ReadOnlyMemory<byte>>? _firstWord;
    private ReadOnlyMemory<byte> _unread;

    // Set when the first byte of an answer has been handed on. Whatever fails from then on is no matter of who we are.
    private volatile bool _isAnswered;
    private volatile bool _isAsked;
    private volatile bool _isReading;
    private volatile PeerRejectedException? _refusal;

    /// <summary>The one URI that the peer has proved; null where its certificate holds none, or several.</summary>
    public string? Identity { get; set; }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _isAnswered ? base.ReadAsync(buffer, cancellationToken)
        : http2 ? ReadFirstWordAsync(buffer, cancellationToken)
        : ReadFirstAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer)
    {
        if (_isAnswered)
        {
            return base.Read(buffer);
        }

        var bytes = new byte[buffer.Length];
        var read = ReadAsync(bytes, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        bytes.AsSpan(0, read).CopyTo(buffer);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _isAnswered ? base.WriteAsync(buffer, cancellationToken) : WriteFirstAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _isAsked = true;
        base.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        _isAsked = true;
        base.Write(buffer, offset, count);
    }

    // One reads it, whoever comes first, and who reads or writes next waits for that.
    private Task<ReadOnlyMemory<byte>> FirstWord()
    {
        lock (_gate)
        {
            return _firstWord ??= ReceiveAsync();
        }

        async Task<ReadOnlyMemory<byte>> ReceiveAsync()
        {
            var buffer = new byte[FirstWordLength];
            return _unread = buffer.AsMemory(0, await ReceiveFirstAsync(buffer, CancellationToken.None).ConfigureAwait(false));
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadFirstWordAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        await FirstWord().WaitAsync(cancellationToken).ConfigureAwait(false);
        var count = Math.Min(buffer.Length, _unread.Length);
        _unread[..count].CopyTo(buffer);
        _unread = _unread[count..];
        _isAnswered = _unread.IsEmpty;
        return count;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var count = await ReceiveFirstAsync(buffer, cancellationToken).ConfigureAwait(false);
        _isAnswered |= count > 0;
        return count;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReceiveFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        _isReading = true;
        try
        {
            var count = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (count == 0 && !buffer.IsEmpty && report.ShowedCertificate)
            {
                _refusal = report.LeftUnanswered(_isAsked);
                throw _refusal;
            }

            return count;
        }
        catch (IOException e) when (Judged(e) is { } refusal)
        {
            throw refusal;
        }
        finally
        {
            _isReading = false;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteFirstAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        _isAsked |= !http2;
        try
        {
            await base.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException) when (!_isReading && !cancellationToken.IsCancellationRequested)
        {
            // The peer is gone, and what it said before it went is there to be read. Who fails to write never reads.
            try
            {
                await ReceiveFirstAsync(new byte[1], cancellationToken).ConfigureAwait(false);
            }
            catch (ObjectDisposedException) when (_refusal is not null)
            {
                // Another read was first, and has closed the connection for what it found.
                throw _refusal;
            }

            throw;
        }
        catch (Exception e) when (e is not OperationCanceledException && _refusal is not null)
        {
            // HTTP/2 reads while it writes, and closes the connection under a write where it reads of a refusal.
            throw _refusal;
        }

        if (http2)
        {
            await WaitForFirstWordAsync(cancellationToken).ConfigureAwait(false);
            _isAsked = true;
        }
    }

    // Whoever dialled believes by now that the connection is made, and watches its time no longer. But all requests of the endpoint would wait for a server that
    // agrees to HTTP/2 and then says nothing.
    private async Task WaitForFirstWordAsync(CancellationToken cancellationToken)
    {
        var left = patience == Timeout.InfiniteTimeSpan ? patience : patience - time.GetElapsedTime(_begun);
        try
        {
            await FirstWord().WaitAsync(left < TimeSpan.Zero && left != Timeout.InfiniteTimeSpan ? TimeSpan.Zero : left, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw report.Failed("agreed to HTTP/2 and did not begin with it in the time that connecting may take");
        }
    }

    private static bool IsBrokenOff(SocketError error) => error is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown;

    // Null: the connection broke, which says nothing of what the peer thinks of us.
    private PeerRejectedException? Judged(IOException error)
    {
        for (Exception? e = error; e is not null; e = e.InnerException)
        {
            if (e is SocketException socket)
            {
                return report.ShowedCertificate && IsBrokenOff(socket.SocketErrorCode) ? _refusal = report.LeftUnanswered(_isAsked) : null;
            }
        }

        // What came is an alert, or cannot be made sense of.
        return error.InnerException is null ? null : _refusal = report.Refused(error);
    }
}
