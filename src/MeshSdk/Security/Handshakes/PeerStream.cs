using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace MeshSdk.Security.Handshakes;

/// <summary>
/// A connection to a peer that has proved who it is. Whether the peer believes us is not known before its first answer: under TLS 1.3 a server judges our certificate
/// when our side of the handshake is over, and what it says then fails a read, or a write, of the first request.
/// </summary>
internal sealed class PeerStream(HandshakeTap connection, HandshakeReport report) : SslStream(connection, leaveInnerStreamOpen: false)
{
    // Set by the first byte of an answer, after which whatever fails is no matter of who we are.
    private volatile bool _isAnswered;
    private volatile bool _isAsked;
    private volatile bool _isReading;
    private volatile PeerRejectedException? _refusal;

    /// <summary>The one URI that the peer has proved; null where its certificate holds none, or several.</summary>
    public string? Identity { get; set; }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _isAnswered ? base.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer)
    {
        if (_isAnswered)
        {
            return base.Read(buffer);
        }

        try
        {
            return Received(base.Read(buffer), buffer.Length);
        }
        catch (IOException e) when (IsTls(e))
        {
            throw _refusal = report.Refused(e);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        _isAnswered ? base.WriteAsync(buffer, cancellationToken) : WriteFirstAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        _isReading = true;
        try
        {
            return Received(await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false), buffer.Length);
        }
        catch (IOException e) when (IsTls(e))
        {
            throw _refusal = report.Refused(e);
        }
        finally
        {
            _isReading = false;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteFirstAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        _isAsked = true;
        try
        {
            await base.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException) when (!_isReading && !cancellationToken.IsCancellationRequested)
        {
            // The peer is gone, and what it said before it went is there to be read. Who fails to write never reads.
            await ReadFirstAsync(new byte[1], cancellationToken).ConfigureAwait(false);
            throw;
        }
        catch (Exception e) when (e is not OperationCanceledException && _refusal is not null)
        {
            // HTTP/2 reads while it writes, and closes the connection under a write where it reads of a refusal.
            throw _refusal;
        }
    }

    private int Received(int count, int asked)
    {
        if (count > 0)
        {
            _isAnswered = true;
        }
        else if (asked > 0 && _isAsked && !_isAnswered && report.ShowedCertificate)
        {
            throw _refusal = report.LeftUnanswered();
        }

        return count;
    }

    // What came cannot be made sense of, or is an alert. A connection that broke below TLS has a socket's error in it.
    private static bool IsTls(IOException error)
    {
        for (Exception? e = error; e is not null; e = e.InnerException)
        {
            if (e is SocketException)
            {
                return false;
            }
        }

        return error.InnerException is not null;
    }
}
