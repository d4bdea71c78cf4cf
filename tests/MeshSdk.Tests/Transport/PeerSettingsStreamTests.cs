using CsCheck;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Transport;

/// <summary>What the first frame of an HTTP/2 server says (RFC 9113, 6.5), however it arrives.</summary>
public sealed class PeerSettingsStreamTests
{
    private static readonly byte[] Stated = [0, 0, 12, 4, 0, 0, 0, 0, 0, 0, 1, 0, 0, 16, 0, 0, 3, 0, 0, 0, 42, 0, 0, 0, 4, 1];

    // first bytes of a connection → what is told; none: nothing
    public static TheoryData<byte[], int?> Beginnings => new()
    {
        { Stated, 42 },
        { [0, 0, 0, 4, 0, 0, 0, 0, 0], int.MaxValue }, // no settings
        { [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 255, 255, 255, 255], int.MaxValue }, // more than a number holds
        { [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0], null }, // not all of it yet
        { [0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 42], null }, // another frame, against the rules
        { [255, 255, 255, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 42], null }, // longer than any settings
        { "HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), null },
        { [], null },
    };

    [Theory]
    [MemberData(nameof(Beginnings))]
    public async Task It_tells_how_many_streams_are_allowed(byte[] bytes, int? expected)
    {
        List<int> told = [];
        await using var stream = new PeerSettingsStream(new MemoryStream(bytes), Timeout.InfiniteTimeSpan, TimeProvider.System, told.Add);
        var read = new MemoryStream();
        await stream.CopyToAsync(read);

        Assert.Equal(bytes, read.ToArray());
        Assert.Equal(expected is { } streams ? [streams] : [], told);
    }

    [Fact]
    public void Pieces_and_what_follows_make_no_difference() => Gen.Select(Gen.Int[1, 30], Gen.Byte.Array[0, 40]).Sample(static (piece, rest) =>
    {
        List<int> told = [];
        using var stream = new PeerSettingsStream(new MemoryStream([.. Stated, .. rest]), Timeout.InfiniteTimeSpan, TimeProvider.System, told.Add);
        List<byte> read = [];
        var buffer = new byte[piece];
        for (var count = stream.Read(buffer); count > 0; count = stream.Read(buffer))
        {
            read.AddRange(buffer[..count]);
        }

        Assert.Equal([.. Stated, .. rest], read);
        Assert.Equal([42], told);
    });
}
