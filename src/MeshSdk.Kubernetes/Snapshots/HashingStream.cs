using System.Security.Cryptography;

namespace MeshSdk.Kubernetes.Snapshots;

/// <summary>Passes what is written on, adds it to a hash, and refuses to pass on more than a given length. Leaves the inner stream open.</summary>
internal sealed class HashingStream(Stream inner, IncrementalHash hash, long maximumLength) : Stream
{
    private long _written;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _written; set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _written += buffer.Length;
        if (_written > maximumLength)
        {
            throw new IOException($"It would be longer than {maximumLength >> 20} MB.");
        }

        hash.AppendData(buffer);
        inner.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
