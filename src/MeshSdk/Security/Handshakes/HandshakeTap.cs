using System.Runtime.CompilerServices;
using System.Text;

namespace MeshSdk.Security.Handshakes;

/// <summary>
/// Reads over TLS's shoulder how the other side answers a handshake, since the platform tells in words of its own, and on each system in others, that one has
/// failed: whether it spoke TLS at all, which alert it sent, or that it went away. When the handshake is over it only hands on.
/// </summary>
internal sealed class HandshakeTap(Stream inner) : Stream
{
    private const int HeadLength = 5;
    private const int Longest = 48;
    private const byte AlertRecord = 21;

    private readonly byte[] _first = new byte[Longest];
    private readonly byte[] _head = new byte[HeadLength + 2];
    private int _seen;
    private int _inRecord;
    private int _recordLength;
    private bool _isOver;

    /// <summary>Whether anything has come.</summary>
    public bool HasAnswered => _seen > 0;

    /// <summary>Whether the other side has closed the connection.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether what came is no record of TLS (RFC 8446, 5.1).</summary>
    public bool IsPlaintext => _seen > 0 && (_first[0] is < 20 or > 23 || (_seen > 1 && _first[1] != 3));

    /// <summary>The last alert that was sent in the open; null: none was.</summary>
    public byte? Alert { get; private set; }

    /// <summary>The beginning of what came, such as it can be shown.</summary>
    public string Beginning
    {
        get
        {
            var text = new StringBuilder();
            foreach (var c in _first.AsSpan(0, Math.Min(_seen, Longest)))
            {
                if (c is (byte)'\r' or (byte)'\n')
                {
                    break;
                }

                text.Append(c is >= 0x20 and < 0x7f ? (char)c : '.');
            }

            return text.ToString();
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override bool CanTimeout => inner.CanTimeout;

    public override int ReadTimeout
    {
        get => inner.ReadTimeout;
        set => inner.ReadTimeout = value;
    }

    public override int WriteTimeout
    {
        get => inner.WriteTimeout;
        set => inner.WriteTimeout = value;
    }

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>From now on nothing is looked at.</summary>
    public void Over() => _isOver = true;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _isOver ? inner.ReadAsync(buffer, cancellationToken) : ReadAnswerAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer) => inner.Read(buffer);

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Write(ReadOnlySpan<byte> buffer) => inner.Write(buffer);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadAnswerAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        HasEnded |= read == 0 && buffer.Length > 0;
        See(buffer.Span[..read]);
        return read;
    }

    private void See(ReadOnlySpan<byte> bytes)
    {
        if (_seen < Longest)
        {
            var taken = Math.Min(bytes.Length, Longest - _seen);
            bytes[..taken].CopyTo(_first.AsSpan(_seen));
        }

        _seen += bytes.Length;
        foreach (var b in bytes)
        {
            SeeRecord(b);
        }
    }

    // An alert of two bytes is one in the open; an encrypted one is longer, and in TLS 1.3 looks like data.
    private void SeeRecord(byte b)
    {
        if (_inRecord < _head.Length)
        {
            _head[_inRecord] = b;
        }

        _inRecord++;
        if (_inRecord == HeadLength)
        {
            _recordLength = HeadLength + ((_head[3] << 8) | _head[4]);
        }

        if (_inRecord < HeadLength || _inRecord < _recordLength)
        {
            return;
        }

        if (_head[0] == AlertRecord && _recordLength == HeadLength + 2)
        {
            Alert = _head[^1];
        }

        _inRecord = 0;
    }
}
