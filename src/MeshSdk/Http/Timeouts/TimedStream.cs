using System.Buffers;
using System.Runtime.CompilerServices;
using MeshSdk.Transport;

namespace MeshSdk.Http.Timeouts;

/// <summary>The stream of a <see cref="TimedContent"/>: a read that is under way when the time is over ends, and so does every later one.</summary>
internal sealed class TimedStream(Stream inner, TimedContent content) : DelegatingStream(inner)
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        content.Enter();
        try
        {
            using var either = ReadLimit.Of(cancellationToken, content.Limit);
            return await Inner.ReadAsync(buffer, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e)
        {
            throw content.Stopped(e, cancellationToken);
        }
        finally
        {
            content.Leave();
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    // A synchronous read has no token that could stop it; nothing below needs the thread that waits.
    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override int Read(Span<byte> buffer)
    {
        var rented = ArrayPool<byte>.Shared.Rent(buffer.Length);
        var read = Read(rented, 0, buffer.Length);
        rented.AsSpan(0, read).CopyTo(buffer);

        // Not where the read failed: then it may still write there.
        ArrayPool<byte>.Shared.Return(rented);
        return read;
    }
}
