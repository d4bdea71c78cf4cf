using System.Buffers.Binary;
using System.Text;

namespace MeshSdk.Tests.Fixtures;

/// <summary>Just enough HTTP/2 with prior knowledge to give up streams and connections in ways that no real server would on demand.</summary>
internal sealed class RawHttp2(RawConnection connection)
{
    private const byte Data = 0, Headers = 1, ResetStream = 3, Settings = 4, Ping = 6, GoAway = 7;
    private const byte EndStream = 1, Ack = 1, EndHeaders = 4;

    private int _pings;

    /// <summary>How often the client has asked whether this side is still there.</summary>
    public int Pings => Volatile.Read(ref _pings);

    /// <summary>Whether it is told that it is.</summary>
    public bool AnswersPings { get; init; } = true;

    /// <summary>How many requests are taken at once; null: that is not said.</summary>
    public byte? MaxStreams { get; init; }

    /// <summary>Reads on to the end of the next request; null where the client has closed.</summary>
    /// <returns>Its stream, and its body.</returns>
    public async Task<(int Stream, string Body)?> ReadRequestAsync()
    {
        var body = new StringBuilder();
        while (await ReadFrameAsync() is { } frame)
        {
            if (frame.Type == Settings && (frame.Flags & Ack) == 0)
            {
                await WriteFrameAsync(Settings, Ack, 0);
            }

            if (frame.Type == Ping && (frame.Flags & Ack) == 0)
            {
                Interlocked.Increment(ref _pings);
                if (AnswersPings)
                {
                    await WriteFrameAsync(Ping, Ack, 0, frame.Payload);
                }
            }

            if (frame.Type == Data)
            {
                body.Append(Encoding.ASCII.GetString(frame.Payload));
            }

            if (frame.Type is Headers or Data && (frame.Flags & EndStream) != 0)
            {
                return (frame.Stream, body.ToString());
            }
        }

        return null;
    }

    /// <summary>Reads what a client begins a connection with, and agrees.</summary>
    public async Task<bool> TryOpenAsync()
    {
        if (!await TryReadPrefaceAsync())
        {
            return false;
        }

        await AgreeAsync();
        return true;
    }

    /// <summary>Reads what a client begins a connection with.</summary>
    public async Task<bool> TryReadPrefaceAsync() => await connection.TryReadAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".Length) is not null;

    /// <summary>Begins the connection from this side.</summary>
    public Task AgreeAsync() => WriteFrameAsync(Settings, 0, 0, MaxStreams is { } most ? [0, 3, 0, 0, 0, most] : []);

    /// <summary>Answers 200 without a body: one entry of HPACK's static table.</summary>
    public Task OkAsync(int stream) => WriteFrameAsync(Headers, EndStream | EndHeaders, stream, 0x88);

    /// <summary>Says that a stream was not processed.</summary>
    public Task RefuseAsync(int stream) => WriteFrameAsync(ResetStream, 0, stream, 0, 0, 0, 7);

    /// <summary>Says that streams above <paramref name="last"/> were not processed, and that no more are taken.</summary>
    public Task GoAwayAsync(int last) => WriteFrameAsync(GoAway, 0, 0, 0, 0, 0, (byte)last, 0, 0, 0, 0);

    private async Task<(byte Type, byte Flags, int Stream, byte[] Payload)?> ReadFrameAsync()
    {
        if (await connection.TryReadAsync(9) is not { } head)
        {
            return null;
        }

        var length = (head[0] << 16) | (head[1] << 8) | head[2];
        return await connection.TryReadAsync(length) is { } payload
            ? (head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload)
            : null;
    }

    private Task WriteFrameAsync(byte type, byte flags, int stream, params byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        (frame[2], frame[3], frame[4]) = ((byte)payload.Length, type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return connection.WriteAsync(frame);
    }
}
