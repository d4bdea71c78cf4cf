using System.Buffers.Binary;
using System.Text;
using MeshSdk.AspNetCore.Tests.Fixtures.Clients;

namespace MeshSdk.AspNetCore.Tests.Fixtures.Wire;

/// <summary>Just enough of a client's HTTP/2 to say things that no HTTP library would.</summary>
internal sealed class Http2(Stream connection)
{
    public const byte Data = 0, Headers = 1, ResetStream = 3, Settings = 4, GoAway = 7;
    public const byte EndStream = 1, Ack = 1, EndHeaders = 4;
    public const string Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    // SETTINGS_HEADER_TABLE_SIZE = 0: the server's headers are readable one by one, without what was before.
    private static readonly byte[] NoTable = [0, 1, 0, 0, 0, 0];

    private int _stream = -1;

    public static byte[] Opening => [.. Encoding.ASCII.GetBytes(Preface), .. Frame(Settings, 0, 0, NoTable)];

    /// <summary>The frames of one request.</summary>
    public static byte[] Request(int stream, IEnumerable<(string Name, string Value)> headers, byte[]? body = null)
    {
        byte[] block = [.. headers.SelectMany(static header => Hpack.Literal(header.Name, header.Value))];
        return body is null
            ? Frame(Headers, EndHeaders | EndStream, stream, block)
            : [.. Frame(Headers, EndHeaders, stream, block), .. Frame(Data, EndStream, stream, body)];
    }

    /// <summary>The head of a call.</summary>
    public static List<(string Name, string Value)> HeadOf(string path, bool isGrpc, string scheme) =>
    [
        (":method", isGrpc ? "POST" : "GET"), (":scheme", scheme), (":path", path), (":authority", "backend"),
        .. isGrpc ? [("content-type", "application/grpc"), ("te", "trailers")] : Array.Empty<(string, string)>(),
    ];

    /// <summary>One message of gRPC's without content.</summary>
    public static byte[] EmptyMessage => new byte[5];

    /// <summary>Whether the server has said anything in HTTP/2.</summary>
    public bool HasHeard { get; private set; }

    public Task OpenAsync() => connection.WriteAsync(Opening).AsTask();

    /// <summary>One more request, and its answer.</summary>
    /// <exception cref="IOException">The connection has ended without one.</exception>
    public async Task<Answer> SendAsync(IEnumerable<(string Name, string Value)> headers, bool isGrpc = false)
    {
        await connection.WriteAsync(Request(_stream += 2, headers, isGrpc ? EmptyMessage : null));
        int? status = null;
        string? grpc = null;
        using var body = new MemoryStream();
        while (true)
        {
            var (type, flags, stream, payload) = await ReadFrameAsync();
            if (type == Settings && (flags & Ack) == 0)
            {
                await connection.WriteAsync(Frame(Settings, Ack, 0));
            }

            if (stream != _stream)
            {
                continue;
            }

            if (type == ResetStream)
            {
                return new Answer("reset");
            }

            if (type == Data)
            {
                body.Write(payload);
            }

            if (type == Headers)
            {
                var read = Hpack.Read(payload);
                status ??= Hpack.StatusOf(read);
                grpc = read.GetValueOrDefault("grpc-status") ?? grpc;
            }

            if (type is Headers or Data && (flags & EndStream) != 0)
            {
                var text = Encoding.ASCII.GetString(body.ToArray());
                return isGrpc && grpc is not ("0" or null) ? new Answer($"grpc-status {grpc}") : Answer.Of(status ?? 0, isGrpc && text.Length > 5 ? text[5..] : text);
            }
        }
    }

    /// <exception cref="EndOfStreamException">The connection has ended.</exception>
    public async Task<(byte Type, byte Flags, int Stream, byte[] Payload)> ReadFrameAsync()
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        var head = new byte[9];
        await connection.ReadExactlyAsync(head, patience.Token);
        HasHeard = true;
        var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
        await connection.ReadExactlyAsync(payload, patience.Token);
        return (head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
    }

    public static byte[] Frame(byte type, byte flags, int stream, params byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        (frame[0], frame[1], frame[2]) = ((byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }
}
