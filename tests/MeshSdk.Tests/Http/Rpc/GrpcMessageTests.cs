using MeshSdk.Http.Rpc;

namespace MeshSdk.Tests.Http.Rpc;

public sealed class GrpcMessageTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("no usable endpoint of shop/backend:7070", "no usable endpoint of shop/backend:7070")]
    [InlineData(" ~!\"#$&'()*+,-./:;<=>?@[\\]^_`{|}", " ~!\"#$&'()*+,-./:;<=>?@[\\]^_`{|}")]
    [InlineData("100 %", "100 %25")]
    [InlineData("%41", "%2541")]
    [InlineData("a\r\nb", "a%0D%0Ab")]
    [InlineData("\t\0\u007f", "%09%00%7F")]
    [InlineData("é", "%C3%A9")]
    [InlineData("€", "%E2%82%AC")]
    [InlineData("😀 ok", "%F0%9F%98%80 ok")]
    public void All_but_printable_ASCII_is_percent_encoded_and_the_percent_sign(string text, string encoded)
    {
        Assert.Equal(encoded, GrpcMessage.Encode(text));
        Assert.All(encoded, static c => Assert.InRange(c, ' ', '~'));
    }

    [Fact]
    public void Half_a_character_is_what_stands_for_none() => Assert.Equal("a%EF%BF%BD", GrpcMessage.Encode("a\ud83d"));

    [Fact]
    public void What_needs_no_encoding_is_given_back_as_it_is()
    {
        const string Text = "plain";
        Assert.Same(Text, GrpcMessage.Encode(Text));
    }
}
