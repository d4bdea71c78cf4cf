using System.Text;
using System.Text.Json;
using CsCheck;
using MeshSdk.Kubernetes.Wire;

namespace MeshSdk.Kubernetes.Tests.Wire;

public sealed class ListBodyTests
{
    private static readonly Gen<string> Items = Gen.OneOf(
        Gen.Int.Select(number => $$"""{"a":{{number}}}"""),
        Gen.String[Gen.Char.AlphaNumeric, 0, 200].Select(text => $$"""{"s":"\u00e4 \\\" {{text}}","n":{"x":[[],{},null,true]} }"""),
        Gen.String[Gen.Char.AlphaNumeric, 0, 40].Select(text => $"  {{ \"t\" :\n\"{text}\" }} "));

    /// <summary>However the bytes are cut into pieces on their way.</summary>
    [Fact]
    public async Task Items_come_whole_and_in_order_whatever_the_pieces() =>
        await Gen.Select(Items.Array[0, 20], Gen.Int[1, 300], Gen.Bool).SampleAsync(async (items, piece, metadataFirst) =>
        {
            var metadata = "\"metadata\":{\"remainingItemCount\":3,\"resourceVersion\":\"77\",\"continue\":\"c\\u0041\"}";
            var list = $"\"items\":[{string.Join(",", items)}]";
            var text = $"{{\"kind\":\"L\",{(metadataFirst ? $"{metadata},{list}" : $"{list},{metadata}")},\"more\":[1,{{}}]}}";
            var found = new List<string>();

            var head = await ReadAsync(text, piece, found);

            Assert.Equal(items.Select(item => item.Trim()), found);
            Assert.Equal(new ListHead("77", "cA"), head);
        });

    [Theory]
    [InlineData("""{"metadata":{},"items":null}""")]
    [InlineData("""{"metadata":null,"items":[]}""")]
    public async Task A_list_without_items_is_empty(string text)
    {
        var found = new List<string>();

        Assert.Equal(new ListHead("", ""), await ReadAsync(text, 7, found));
        Assert.Empty(found);
    }

    [Theory]
    [InlineData("""{"items":[{"a":1}""")]
    [InlineData("""{"items":[{"a":1}]""")]
    [InlineData("")]
    public async Task A_list_that_is_cut_off_says_so(string text) =>
        await Assert.ThrowsAsync<EndOfStreamException>(() => ReadAsync(text, 100, []));

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"error":"login required"}""")]
    [InlineData("""{"metadata":{"resourceVersion":"7"}}""")]
    [InlineData("<html>")]
    [InlineData("""{"items":{}}""")]
    [InlineData("""{"items":[{"a":1}<""")]
    public async Task What_is_no_list_is_a_fault(string text) =>
        await Assert.ThrowsAnyAsync<JsonException>(() => ReadAsync(text, 100, []));

    [Fact]
    public async Task An_object_larger_than_the_limit_is_a_fault_and_does_not_grow_the_buffer_for_ever()
    {
        using var window = new ByteWindow(new Pieces(Encoding.UTF8.GetBytes($$"""{"items":["{{new string('x', 1_000_000)}}"]}"""), 4096), limit: 100_000);

        await Assert.ThrowsAsync<InvalidDataException>(() => ListBody.ReadAsync(window, static _ => { }, () => default));
    }

    private static async Task<ListHead> ReadAsync(string text, int piece, List<string> found)
    {
        using var window = new ByteWindow(new Pieces(Encoding.UTF8.GetBytes(text), piece));
        return await ListBody.ReadAsync(window, json => found.Add(Encoding.UTF8.GetString(json)), () => default);
    }

    /// <summary>Gives so many bytes at a time and no more.</summary>
    private sealed class Pieces(byte[] content, int size) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
