using System.Buffers.Binary;
using System.Text;

namespace MeshSdk.Testing.Protobuf;

/// <summary>Reads the fields of a protobuf message one after the other.</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>The number of the field just read.</summary>
    public int Number { get; private set; }

    /// <summary>What a varint or fixed field holds.</summary>
    public ulong Value { get; private set; }

    /// <summary>What a length-delimited field holds: a text, bytes or a message.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    public bool IsContent { get; private set; }

    public readonly string Text => Encoding.UTF8.GetString(Content);

    /// <exception cref="FormatException">It is no protobuf message.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = Varint();
        Number = checked((int)(tag >> 3));
        IsContent = (tag & 7) == 2;
        Value = 0;
        Content = default;
        switch (tag & 7)
        {
            case 0:
                Value = Varint();
                break;
            case 1:
                Value = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case 2:
                Content = Take(Varint());
                break;
            case 5:
                Value = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw new FormatException($"wire type {tag & 7} of field {Number} is unknown");
        }

        return true;
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var part = Take(1)[0];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new FormatException("a number is longer than ten bytes");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_rest.Length)
        {
            throw new FormatException("the message ends too early");
        }

        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }
}
