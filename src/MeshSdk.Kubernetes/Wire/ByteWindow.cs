using System.Buffers;

namespace MeshSdk.Kubernetes.Wire;

/// <summary>
/// The part of a stream that was received and not yet used, in one piece: what is parsed must be seen at once, and is, since the buffer grows to the
/// largest object and no further. Pooled, and held only while there is something in it: a thousand watches that wait hold nothing.
/// </summary>
/// <param name="stream">Read, and not disposed.</param>
/// <param name="limit">Bytes that one object may take, so that a broken server cannot use up the memory of the process.</param>
internal sealed class ByteWindow(Stream stream, int limit = ByteWindow.LargestObject) : IDisposable
{
    /// <summary>etcd takes 1.5 MB, and a Table or a status may be somewhat larger than what is stored.</summary>
    public const int LargestObject = 64 * 1024 * 1024;

    private const int InitialSize = 64 * 1024;

    private byte[] _buffer = [];
    private int _start;
    private int _end;

    public ReadOnlySpan<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Marks the first <paramref name="count"/> bytes as used.</summary>
    public void Advance(int count) => _start += count;

    /// <summary>Waits for more bytes.</summary>
    /// <returns>False: the stream has ended.</returns>
    /// <exception cref="InvalidDataException">The object being read is larger than the limit.</exception>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start == _end)
        {
            // Completes when there is something to read, or nothing ever will be.
            Release();
            await stream.ReadAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
        }

        MakeRoom();
        var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += count;
        return count > 0;
    }

    public void Dispose() => Release();

    private void Release()
    {
        var buffer = _buffer;
        _buffer = [];
        _start = _end = 0;
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void MakeRoom()
    {
        if (_buffer.Length == 0)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(Math.Min(InitialSize, limit));
            return;
        }

        if (_end < _buffer.Length)
        {
            return;
        }

        var length = _end - _start;
        if (length < _buffer.Length / 2)
        {
            _buffer.AsSpan(_start, length).CopyTo(_buffer);
        }
        else if (length >= limit)
        {
            throw new InvalidDataException($"an object takes more than {limit} bytes");
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(length * 2, InitialSize));
            _buffer.AsSpan(_start, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        (_start, _end) = (0, length);
    }
}
