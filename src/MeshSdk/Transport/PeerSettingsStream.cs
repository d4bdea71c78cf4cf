using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace MeshSdk.Transport;

/// <summary>
/// Reads over the HTTP stack's shoulder how many requests the other side of a connection takes at once. It says so in its very first frame
/// (RFC 9113, 3.4), and public API does not tell. Whoever spreads requests over connections must know: what is beyond waits inside the handler, for
/// this connection, while another one may be free.
/// </summary>
internal sealed class PeerSettingsStream(Stream inner, Action<int> allowed) : DelegatingStream(inner)
{
    private const int HeadLength = 9;
    private const int SettingLength = 6;
    private const byte SettingsFrame = 4;
    private const ushort MaxConcurrentStreams = 3;

    // Settings are few; who sends more than this many is not waited for.
    private const int MostSettings = 64;

    // Null when it has been read.
    private byte[]? _seen = new byte[HeadLength + (MostSettings * SettingLength)];
    private int _count;

    public override int Read(Span<byte> buffer)
    {
        var read = Inner.Read(buffer);
        See(buffer[..read]);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _seen is null ? Inner.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = await Inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        See(buffer.Span[..read]);
        return read;
    }

    private void See(ReadOnlySpan<byte> bytes)
    {
        if (_seen is not { } seen)
        {
            return;
        }

        var taken = Math.Min(bytes.Length, seen.Length - _count);
        bytes[..taken].CopyTo(seen.AsSpan(_count));
        _count += taken;
        if (_count < HeadLength)
        {
            return;
        }

        var length = (seen[0] << 16) | (seen[1] << 8) | seen[2];
        if (seen[3] == SettingsFrame && HeadLength + length <= seen.Length)
        {
            if (_count < HeadLength + length)
            {
                return;
            }

            Tell(seen.AsSpan(HeadLength, length));
        }

        _seen = null;
    }

    private void Tell(ReadOnlySpan<byte> settings)
    {
        // Without the setting there is no limit.
        var streams = int.MaxValue;
        for (; settings.Length >= SettingLength; settings = settings[SettingLength..])
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(settings) == MaxConcurrentStreams)
            {
                streams = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(settings[2..]), int.MaxValue);
            }
        }

        allowed(streams);
    }
}
