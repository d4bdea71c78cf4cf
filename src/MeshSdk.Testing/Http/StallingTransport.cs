using System.IO.Pipelines;
using MeshSdk.Testing.Faults;
using Microsoft.AspNetCore.Connections;

namespace MeshSdk.Testing.Http;

/// <summary>
/// Stands between TLS and the socket and, while its gate is shut, lets no byte pass in either direction: the peer sees a connection that is open and
/// dead, as behind a firewall that forgot it. Not even HTTP/2 pings are answered.
/// </summary>
internal sealed class StallingTransport(FaultGate gate, CancellationToken stopping)
{
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var transport = connection.Transport;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed, stopping);
        connection.Transport = new Duplex(new Reader(transport.Input, gate, ended.Token), new Writer(transport.Output, gate, ended.Token));
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            connection.Transport = transport;
        }
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }

    private sealed class Reader(PipeReader inner, FaultGate gate, CancellationToken ended) : PipeReader
    {
        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        {
            // Asked behind the read: it may have been pending since before the gate was shut.
            var result = await inner.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (!gate.IsOpen)
            {
                await PassAsync(gate, ended).ConfigureAwait(false);
            }

            return result;
        }

        public override bool TryRead(out ReadResult result)
        {
            result = default;
            return gate.IsOpen && inner.TryRead(out result);
        }

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }

    private sealed class Writer(PipeWriter inner, FaultGate gate, CancellationToken ended) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            if (!gate.IsOpen)
            {
                await PassAsync(gate, ended).ConfigureAwait(false);
            }

            return await inner.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }

    private static async ValueTask PassAsync(FaultGate gate, CancellationToken ended)
    {
        try
        {
            await gate.PassAsync(null, ended).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The connection is over; reading and writing find that out for themselves, in their own words.
        }
    }
}
