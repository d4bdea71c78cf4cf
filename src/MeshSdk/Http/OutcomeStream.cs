using System.Runtime.CompilerServices;
using MeshSdk.Http.Rpc;
using MeshSdk.Transport;

namespace MeshSdk.Http;

/// <summary>The stream of an <see cref="OutcomeContent"/>. Holds on to it, so that a stream in use never looks like a forgotten response.</summary>
internal sealed class OutcomeStream(Stream inner, OutcomeContent content, long? length) : DelegatingStream(inner)
{
    // A reader that knows the length, or a decoder that has seen its end, asks for nothing after the last byte.
    private long _remaining = length ?? long.MaxValue;

    // A gRPC call that breaks off between two messages is ended, see OutcomeContent.TryEndCall. Two reads a message are no matter here.
    private readonly bool _isGrpc = content.IsGrpc;
    private MessageFraming _framing;

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        try
        {
            return Count(Inner.Read(buffer), buffer);
        }
        catch (ConnectionClosedException e)
        {
            return content.End(e);
        }
        catch (Exception e)
        {
            content.Fail(e);
            if (content.TryEndCall(e, _framing.IsBetweenMessages))
            {
                return 0;
            }

            if (_isGrpc && content.Translate(e) is var told && told != e)
            {
                throw told;
            }

            throw;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return Count(await Inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false), buffer.Span);
        }
        catch (ConnectionClosedException e)
        {
            return content.End(e);
        }
        catch (Exception e)
        {
            content.Fail(e);
            if (content.TryEndCall(e, _framing.IsBetweenMessages))
            {
                return 0;
            }

            if (_isGrpc && content.Translate(e) is var told && told != e)
            {
                throw told;
            }

            throw;
        }
    }

    public override void CopyTo(Stream destination, int bufferSize)
    {
        try
        {
            Inner.CopyTo(destination, bufferSize);
        }
        catch (ConnectionClosedException e)
        {
            content.End(e);
        }
        catch (Exception e)
        {
            content.Fail(e);
            throw;
        }

        content.Finish();
    }

    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        try
        {
            await Inner.CopyToAsync(destination, bufferSize, cancellationToken).ConfigureAwait(false);
        }
        catch (ConnectionClosedException e)
        {
            content.End(e);
        }
        catch (Exception e)
        {
            content.Fail(e);
            throw;
        }

        content.Finish();
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            content.Abandon();
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync().ConfigureAwait(false);
        content.Abandon();
    }

    private int Count(int read, ReadOnlySpan<byte> buffer)
    {
        _remaining -= read;
        if (_remaining <= 0 || (read == 0 && buffer.Length > 0))
        {
            content.Finish();
        }
        else if (_isGrpc)
        {
            _framing.Advance(buffer[..read]);
        }

        return read;
    }
}
