using System.Buffers.Binary;
using MeshSdk.Http.Rpc;

namespace MeshSdk.Tests.Http.Rpc;

public sealed class MessageFramingTests
{
    private const int HeadLength = 5;

    public static TheoryData<int[]> Messages => new(
        [0], [1], [4], [5], [6], [0, 0, 0], [1, 0, 7], [255, 256, 257], [70_000, 0, 3], [5, 5, 5, 5, 5, 5]);

    // However the stack cuts it.
    [Theory]
    [MemberData(nameof(Messages))]
    public void An_end_is_one_of_the_call_between_messages_alone(int[] lengths)
    {
        var (bytes, ends) = Written(lengths);
        foreach (var step in new[] { 1, 2, 3, 4, 5, 6, 7, 64, 4096, bytes.Length })
        {
            var framing = default(MessageFraming);
            Assert.True(framing.IsBetweenMessages);
            for (var at = 0; at < bytes.Length; at += step)
            {
                var end = Math.Min(at + step, bytes.Length);
                framing.Advance(bytes.AsSpan(at, end - at));
                Assert.True(ends.Contains(end) == framing.IsBetweenMessages, $"after {end} of {bytes.Length} bytes, {step} at a time");
            }
        }
    }

    [Fact]
    public void Nothing_read_changes_nothing()
    {
        var framing = default(MessageFraming);
        framing.Advance([]);
        Assert.True(framing.IsBetweenMessages);
        framing.Advance([0, 0]);
        framing.Advance([]);
        Assert.False(framing.IsBetweenMessages);
        framing.Advance([0, 0, 0]);
        Assert.True(framing.IsBetweenMessages);
    }

    [Fact]
    public void The_longest_that_a_server_may_announce_is_no_end()
    {
        var framing = default(MessageFraming);
        framing.Advance([1, 0xff, 0xff, 0xff, 0xff]);
        Assert.False(framing.IsBetweenMessages);
        framing.Advance(new byte[1 << 20]);
        Assert.False(framing.IsBetweenMessages);
    }

    // Compressed or not, and full of ones, so that nothing of a message passes for a head.
    private static (byte[] Bytes, HashSet<int> Ends) Written(int[] lengths)
    {
        using var stream = new MemoryStream();
        HashSet<int> ends = [];
        foreach (var length in lengths)
        {
            var message = new byte[HeadLength + length];
            Array.Fill(message, (byte)0xff);
            message[0] = (byte)(length % 2);
            BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), length);
            stream.Write(message);
            ends.Add((int)stream.Length);
        }

        return (stream.ToArray(), ends);
    }
}
