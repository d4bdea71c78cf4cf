using System.Buffers.Binary;
using System.Text;

namespace MeshSdk.Conformance.Echo;

/// <summary>
/// The one message of the echo service, <c>{ string message = 1; }</c>, in the frame that gRPC puts around it. Written by hand so that neither side
/// needs a gRPC package: what is tested is what the mesh makes of plain HTTP/2.
/// </summary>
internal static class EchoMessage
{
    public const string Path = "/proto.EchoTestService/Echo";

    private const int FrameHeader = 5;
    private const byte FieldOne = 0x0A;

    public static byte[] Frame(string text)
    {
        var content = Encoding.UTF8.GetBytes(text);
        using var frame = new MemoryStream(content.Length + 16);
        frame.Write(stackalloc byte[FrameHeader]);
        if (content.Length > 0)
        {
            frame.WriteByte(FieldOne);
            WriteVarint(frame, (uint)content.Length);
            frame.Write(content);
        }

        var bytes = frame.ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(1), (uint)(bytes.Length - FrameHeader));
        return bytes;
    }

    /// <summary>The texts of all messages in a body, in their order.</summary>
    /// <exception cref="FormatException">These are no such messages.</exception>
    public static IReadOnlyList<string> Read(ReadOnlySpan<byte> body)
    {
        var texts = new List<string>();
        while (!body.IsEmpty)
        {
            if (body.Length < FrameHeader || body[0] != 0 || BinaryPrimitives.ReadUInt32BigEndian(body[1..]) is var length && length > body.Length - FrameHeader)
            {
                throw new FormatException("The body is no sequence of uncompressed gRPC messages.");
            }

            texts.Add(Text(body.Slice(FrameHeader, (int)length)));
            body = body[(FrameHeader + (int)length)..];
        }

        return texts;
    }

    private static string Text(ReadOnlySpan<byte> message)
    {
        if (message.IsEmpty)
        {
            return "";
        }

        if (message[0] != FieldOne)
        {
            throw new FormatException("The message is none of the echo service.");
        }

        var (length, size) = ReadVarint(message[1..]);
        return length <= message.Length - 1 - size
            ? Encoding.UTF8.GetString(message.Slice(1 + size, length))
            : throw new FormatException("The message ends too early.");
    }

    private static void WriteVarint(MemoryStream stream, uint value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            stream.WriteByte((byte)(value | 0x80));
        }

        stream.WriteByte((byte)value);
    }

    private static (int Value, int Size) ReadVarint(ReadOnlySpan<byte> bytes)
    {
        var value = 0;
        for (var i = 0; i < Math.Min(bytes.Length, 4); i++)
        {
            value |= (bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                return (value, i + 1);
            }
        }

        throw new FormatException("The message has no valid length.");
    }
}
