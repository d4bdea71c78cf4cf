using MeshSdk.Identity.Istiod;
using MeshSdk.Identity.Tests.Fixtures;

namespace MeshSdk.Identity.Tests.Istiod;

public sealed class ServiceAccountTokenTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void It_says_whose_it_is()
    {
        var text = Jwt.Token("istio-test", "client");

        var token = ServiceAccountToken.Read(_folder.Write("token", text + "\n"));

        Assert.Equal((text, "istio-test", "client"), (token.Secret, token.Namespace, token.Account));
        Assert.DoesNotContain(text, token.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("opaque")]
    [InlineData("a.b.c")]
    [InlineData("a.bm90IGpzb24.c")] // not json
    [InlineData("a.e30.c")] // {}
    [InlineData("a.W10.c")] // []
    [InlineData("a.eyJzdWIiOiJtZSJ9.c")] // {"sub":"me"}
    [InlineData("a.eyJzdWIiOjF9.c")] // {"sub":1}
    public void One_that_does_not_is_for_istiod_to_judge(string text)
    {
        var token = ServiceAccountToken.Read(_folder.Write("token", text));

        Assert.Equal((text, null, null), (token.Secret, token.Namespace, token.Account));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("  \n", "is empty")]
    [InlineData("two\nlines", "holds something else than a token")]
    [InlineData("with space", "holds something else than a token")]
    [InlineData("Schlüssel", "holds something else than a token")]
    public void What_is_none_is_refused_without_being_repeated(string text, string reason)
    {
        var refused = Assert.Throws<IssuanceException>(() => ServiceAccountToken.Read(_folder.Write("token", text)));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Equal(IssuanceFailure.Local, refused.Kind);
        if (text.Trim().Length > 0)
        {
            Assert.DoesNotContain(text, refused.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void One_that_is_missing_is_refused_with_what_to_mount()
    {
        var refused = Assert.Throws<IssuanceException>(() => ServiceAccountToken.Read(_folder.PathOf("nowhere")));

        Assert.Contains("nowhere", refused.Message, StringComparison.Ordinal);
        Assert.Contains("audience is istio-ca", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_too_long_is_none() =>
        Assert.Contains("too long", Assert.Throws<IssuanceException>(() => ServiceAccountToken.Read(_folder.Write("token", new string('a', 70_000)))).Message, StringComparison.Ordinal);

    public void Dispose() => _folder.Dispose();
}
