using System.Buffers;
using MeshSdk.Testing.Faults;
using MeshSdk.Testing.Storage;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.Testing.Http;

/// <summary>A watch that is being served. Everything that happens to it, its end included, comes through its queue, in order.</summary>
internal sealed class ActiveWatch(EmbeddedRequest request, HttpContext context, ObjectWire wire, FaultInjector faults, WatchSubscription subscription)
{
    private const int FlushedAt = 32 * 1024;

    private volatile bool _breaksNextLine;
    private bool _hasSentObject;

    public EmbeddedRequest Request => request;

    /// <summary>Ends it as if its time were over.</summary>
    public void End() => subscription.Complete();

    /// <summary>Ends it by resetting the stream.</summary>
    public void Abort() => context.Abort();

    /// <summary>Lets the next event break off in its middle.</summary>
    public void BreakNextLine() => _breaksNextLine = true;

    public void Send(ReadOnlyMemory<byte> line) => subscription.Post(new(WatchItemKind.Raw, null, 0, line));

    public async Task RunAsync(IEnumerable<WatchItem> initial, CancellationToken cancellationToken)
    {
        var writer = context.Response.BodyWriter;
        var unflushed = 0;
        await faults.Watches.PassAsync(request, cancellationToken).ConfigureAwait(false);

        // The headers go out at once: a client may wait for them before it believes that it watches.
        await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        foreach (var item in initial)
        {
            await faults.Watches.PassAsync(request, cancellationToken).ConfigureAwait(false);
            if (!await WriteAsync(item).ConfigureAwait(false))
            {
                return;
            }
        }

        await FlushAsync().ConfigureAwait(false);
        while (await subscription.Items.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
        {
            while (subscription.Items.TryRead(out var item))
            {
                await faults.Watches.PassAsync(request, cancellationToken).ConfigureAwait(false);
                if (!await WriteAsync(item).ConfigureAwait(false))
                {
                    return;
                }
            }

            await FlushAsync().ConfigureAwait(false);
        }

        // A watch that hangs does not end either.
        await faults.Watches.PassAsync(request, cancellationToken).ConfigureAwait(false);

        async ValueTask<bool> WriteAsync(WatchItem item)
        {
            var line = new ArrayBufferWriter<byte>((item.Object?.Content.Length ?? 0) + 256);
            WatchLine.Write(line, wire, item, !_hasSentObject);
            _hasSentObject |= item.Object is not null;
            if (_breaksNextLine && item.Object is not null)
            {
                writer.Write(line.WrittenSpan[..(line.WrittenCount / 2)]);
                await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
                context.Abort();
                return false;
            }

            writer.Write(line.WrittenSpan);
            unflushed += line.WrittenCount;
            if (unflushed >= FlushedAt)
            {
                await FlushAsync().ConfigureAwait(false);
            }

            return true;
        }

        async ValueTask FlushAsync()
        {
            if (unflushed > 0)
            {
                unflushed = 0;
                await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
