using System.Buffers.Binary;

namespace MeshSdk.Http.Rpc;

/// <summary>
/// Where in the messages of a gRPC response a reader is. Each has five bytes before it, the last four of which are its length.
/// </summary>
internal struct MessageFraming
{
    private const int HeadLength = 5;

    private int _head;
    private uint _length;
    private uint _rest;

    /// <summary>Whether all that was read are whole messages, so that an end is one that gRPC takes for the end of the call.</summary>
    public readonly bool IsBetweenMessages => _head == 0 && _rest == 0;

    /// <summary>Some more was read.</summary>
    public void Advance(ReadOnlySpan<byte> read)
    {
        while (!read.IsEmpty)
        {
            var taken = 1;
            if (_rest > 0)
            {
                taken = (int)Math.Min(_rest, (uint)read.Length);
                _rest -= (uint)taken;
            }
            else if (_head == 0 && read.Length >= HeadLength)
            {
                taken = HeadLength;
                _rest = BinaryPrimitives.ReadUInt32BigEndian(read[1..]);
            }
            else
            {
                // The first of them says whether the message is compressed, and is pushed out by the four that follow.
                _length = (_length << 8) | read[0];
                _head++;
                if (_head == HeadLength)
                {
                    (_rest, _length, _head) = (_length, 0, 0);
                }
            }

            read = read[taken..];
        }
    }
}
