using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace MeshSdk.Transport;

/// <summary>
/// Holds a new connection of HTTP/2 back until the other side has said how many requests it takes at once. It says so in its very first frame
/// (RFC 9113, 3.4). The HTTP stack goes by a hundred until it has read that, and a burst that meets a new connection of a server that takes fewer would be
/// refused for the greater part. It waits for its own first bytes to be written before it hands the connection out, and so that write ends here when the frame
/// has been gone through. Connections that are in use are read and written as if this were not there.
/// </summary>
/// <param name="inner">The connection.</param>
/// <param name="patience">How long the first frame is waited for.</param>
/// <param name="time">By which clock.</param>
/// <param name="allowed">Who is told the number, which public API does not tell; null for nobody.</param>
internal sealed class PeerSettingsStream(Stream inner, TimeSpan patience, TimeProvider time, Action<int>? allowed = null) : DelegatingStream(inner)
{
    private const int HeadLength = 9;
    private const int SettingLength = 6;
    private const byte SettingsFrame = 4;
    private const ushort MaxConcurrentStreams = 3;

    // Settings are few; who sends more than this many is not waited for.
    private const int MostSettings = 64;

    // Whoever waits goes on within the read that follows the frame, so that the HTTP stack takes note of what it has sent before it reads the answer to that.
    private readonly TaskCompletionSource _settled = new();

    // Null when it has been read.
    private byte[]? _seen = new byte[HeadLength + (MostSettings * SettingLength)];
    private int _count;
    private bool _isSettled;
    private bool _isBegun;

    // An HTTP stack that reads only when it has written must not wait for what it does not read.
    private volatile bool _isRead;

    public override int Read(Span<byte> buffer)
    {
        if (_isSettled || IsGoneThrough())
        {
            return Inner.Read(buffer);
        }

        _isRead = true;
        try
        {
            return See(buffer, Inner.Read(UpToTheEnd(buffer)));
        }
        catch (Exception e)
        {
            Settle(Unready(e));
            throw;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _isSettled || IsGoneThrough() ? Inner.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _isBegun ? Inner.WriteAsync(buffer, cancellationToken) : BeginAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    protected override void Dispose(bool disposing)
    {
        // Whoever has given the connection up reads no more.
        Settle(new ConnectionUnreadyException("The connection was given up before the endpoint began to speak HTTP/2"));
        base.Dispose(disposing);
    }

    private async ValueTask BeginAsync(ReadOnlyMemory<byte> preface, CancellationToken cancellationToken)
    {
        _isBegun = true;
        try
        {
            await Inner.WriteAsync(preface, cancellationToken).ConfigureAwait(false);
            if (!_isRead)
            {
                return;
            }

            await _settled.Task.WaitAsync(patience, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new ConnectionUnreadyException($"The endpoint did not begin to speak HTTP/2 within {patience.TotalSeconds:0.###} s");
        }
        catch (Exception e) when (e is not (OperationCanceledException or ConnectionUnreadyException))
        {
            throw Unready(e);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        _isRead = true;
        try
        {
            var wanted = buffer[..UpToTheEnd(buffer.Span).Length];
            var read = await Inner.ReadAsync(wanted, cancellationToken).ConfigureAwait(false);
            return See(buffer.Span, read);
        }
        catch (Exception e)
        {
            Settle(Unready(e));
            throw;
        }
    }

    // Whoever reads on is done with what has been read.
    private bool IsGoneThrough()
    {
        if (_seen is not null)
        {
            return false;
        }

        Settle(null);
        return true;
    }

    // No further, so that the next read says that it has been gone through.
    private Span<byte> UpToTheEnd(Span<byte> buffer)
    {
        var missing = (_count < HeadLength ? HeadLength : HeadLength + PayloadLength) - _count;
        return buffer.Length > missing ? buffer[..missing] : buffer;
    }

    private int PayloadLength => (_seen![0] << 16) | (_seen[1] << 8) | _seen[2];

    private int See(ReadOnlySpan<byte> buffer, int read)
    {
        if (read == 0)
        {
            if (!buffer.IsEmpty)
            {
                Settle(new ConnectionUnreadyException("The endpoint closed the connection before it began to speak HTTP/2"));
            }

            return 0;
        }

        var seen = _seen!;
        buffer[..read].CopyTo(seen.AsSpan(_count));
        _count += read;
        if (_count < HeadLength)
        {
            return read;
        }

        var length = PayloadLength;
        if (seen[3] != SettingsFrame || HeadLength + length > seen.Length)
        {
            // The HTTP stack has its own opinion of that, which the first request is to hear.
            _seen = null;
            Settle(null);
        }
        else if (_count == HeadLength + length)
        {
            Tell(seen.AsSpan(HeadLength, length));
            _seen = null;
        }

        return read;
    }

    private void Settle(ConnectionUnreadyException? error)
    {
        _isSettled = true;
        if (error is null)
        {
            _settled.TrySetResult();
        }
        else if (_settled.TrySetException(error))
        {
            // Nobody waits where the write has failed too.
            _ = _settled.Task.Exception;
        }
    }

    private static ConnectionUnreadyException Unready(Exception error) =>
        new($"The endpoint broke the connection off before it began to speak HTTP/2: {error.Message}", error);

    private void Tell(ReadOnlySpan<byte> settings)
    {
        // Without the setting there is no limit.
        var streams = int.MaxValue;
        for (; settings.Length >= SettingLength; settings = settings[SettingLength..])
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(settings) == MaxConcurrentStreams)
            {
                streams = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(settings[2..]), int.MaxValue);
            }
        }

        allowed?.Invoke(streams);
    }
}
