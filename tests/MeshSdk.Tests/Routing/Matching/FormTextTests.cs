using System.Net;
using CsCheck;
using MeshSdk.Routing.Matching;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Routing.Matching;

public sealed class FormTextTests
{
    private static readonly Gen<string> Text =
        Gen.OneOf(
            OneOf.These("a", "+", "%", "%4", "%41", "%2B", "%25", "%c3%a4", "%c3", "%A4", "%f0%9f%98%80", "%f0%9f", "%zz", "ä", "\ud83d", "%00", "%+1", "% 1"),
            Gen.Char[' ', '~'].Select(static c => c.ToString()))
        .Array[0, 120].Select(string.Concat);

    [Fact]
    public void It_is_decoded_as_the_framework_decodes_it() => Text.Sample(static text =>
    {
        var target = new char[text.Length];
        var length = FormText.Decode(text, target);

        Assert.Equal(WebUtility.UrlDecode(text), new string(target, 0, length));
    }, iter: 10_000);
}
