using MeshSdk.Transport;

namespace MeshSdk.Http.Bodies;

/// <summary>Keeps what is written through it.</summary>
internal sealed class TeeStream(Stream inner, KeptBytes kept) : DelegatingStream(inner)
{
    public override void Write(byte[] buffer, int offset, int count)
    {
        kept.Add(buffer.AsSpan(offset, count));
        Inner.Write(buffer, offset, count);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        kept.Add(buffer);
        Inner.Write(buffer);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        kept.Add(buffer.AsSpan(offset, count));
        return Inner.WriteAsync(buffer, offset, count, cancellationToken);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        kept.Add(buffer.Span);
        return Inner.WriteAsync(buffer, cancellationToken);
    }
}
