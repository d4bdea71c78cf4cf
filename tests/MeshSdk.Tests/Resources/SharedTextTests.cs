using CsCheck;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Resources;

public sealed class SharedTextTests
{
    [Fact]
    public void A_text_stays_what_it_is_whatever_came_before() =>
        Gen.String.Sample(static text => Assert.Equal(text, SharedText.Of(new string(text))));

    [Fact]
    public void Equal_texts_become_one_object()
    {
        var first = SharedText.Of(new string("eu-central-1a of one test"));

        Assert.Same(first, SharedText.Of(new string("eu-central-1a of one test")));
    }

    [Fact]
    public void Long_texts_and_none_are_left_alone()
    {
        var text = new string('x', 1000);

        Assert.Same(text, SharedText.Of(text));
        Assert.NotSame(text, SharedText.Of(new string('x', 1000)));
        Assert.Null(SharedText.Of(null));
    }
}
