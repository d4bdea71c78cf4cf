using System.Runtime.CompilerServices;

namespace MeshSdk.Transport;

/// <summary>
/// Stops SocketsHttpHandler from sending a request again behind our back. When the peer closes an HTTP/1.1 connection before the first
/// response byte, it re-sends any request without a body, POST and DELETE included, up to three times, and there is no switch for it; it
/// does so only for an <see cref="IOException"/>. This stream turns that moment into an exception of another type.
/// </summary>
internal sealed class NoHiddenResendStream(Stream inner) : DelegatingStream(inner)
{
    // Set by a write, cleared by the first byte that comes back. An idle connection that the peer closes is none of our business.
    private volatile bool _awaitingResponse;

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return Received(Inner.Read(buffer), buffer.Length);
        }
        catch (IOException e) when (_awaitingResponse)
        {
            throw new ConnectionClosedException(e);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return Received(await Inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false), buffer.Length);
        }
        catch (IOException e) when (_awaitingResponse)
        {
            throw new ConnectionClosedException(e);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _awaitingResponse = true;
        Inner.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _awaitingResponse = true;
        return Inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    private int Received(int count, int asked)
    {
        if (count > 0)
        {
            _awaitingResponse = false;
        }
        else if (asked > 0 && _awaitingResponse)
        {
            throw new ConnectionClosedException(null);
        }

        return count;
    }
}
