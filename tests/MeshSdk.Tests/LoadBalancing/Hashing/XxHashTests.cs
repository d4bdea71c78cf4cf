using System.IO.Hashing;
using System.Text;
using MeshSdk.LoadBalancing.Hashing;

namespace MeshSdk.Tests.LoadBalancing.Hashing;

public sealed class XxHashTests
{
    // The last four are values of Envoy's own test.
    [Theory]
    [InlineData("", 0xef46db3751d8e999)]
    [InlineData("a", 0xd24ec4f1a98c6e5b)]
    [InlineData("foo", 3728699739546630719)]
    [InlineData("bar", 5234164152756840025)]
    [InlineData("foo\nbar", 8917841378505826757)]
    [InlineData("lyft", 4400747396090729504)]
    public void Known_values(string text, ulong hash) => Assert.Equal(hash, XxHash.Of(text));

    // Envoy's test has this value for the list of the two.
    [Fact]
    public void A_hash_can_be_the_seed_of_the_next() => Assert.Equal(17745830980996999794, XxHash.Of("bar", seed: XxHash.Of("foo")));

    [Fact]
    public void A_text_of_any_length_is_hashed_whole()
    {
        for (var length = 1; length < 1000; length += 21)
        {
            foreach (var letter in (ReadOnlySpan<char>)['x', 'ü'])
            {
                var text = new string(letter, length);
                Assert.Equal(XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(text)), XxHash.Of(text));
            }
        }
    }
}
