using CsCheck;
using MeshSdk.Http.Filters;
using MeshSdk.Model;

namespace MeshSdk.Tests.Http.Filters;

public sealed class PathRewritingTests
{
    [Theory]
    [InlineData("/foo/bar", "/foo", "/xyz", "/xyz/bar")]
    [InlineData("/foo/bar", "/foo", "/xyz/", "/xyz/bar")]
    [InlineData("/foo/bar", "/foo/", "/xyz", "/xyz/bar")]
    [InlineData("/foo/bar", "/foo/", "/xyz/", "/xyz/bar")]
    [InlineData("/foo", "/foo", "/xyz", "/xyz")]
    [InlineData("/foo/", "/foo", "/xyz", "/xyz/")]
    [InlineData("/foo", "/foo", "/xyz/", "/xyz")]
    [InlineData("/foo/bar", "/foo", "", "/bar")]
    [InlineData("/foo/", "/foo", "", "/")]
    [InlineData("/foo", "/foo", "", "/")]
    [InlineData("/foo/", "/foo", "/", "/")]
    [InlineData("/foo", "/foo", "/", "/")]
    [InlineData("/strip-prefix/three", "/strip-prefix", "/", "/three")]
    [InlineData("/any/thing", "/", "/new", "/new/any/thing")]
    [InlineData("/", "/", "/new", "/new/")]
    [InlineData("/a%2Fb/%E4/..%2f", "/a%2Fb", "/c%20d", "/c%20d/%E4/..%2f")]
    public void A_prefix_is_replaced_by_elements(string path, string prefix, string replacement, string expected)
    {
        Assert.Equal(expected, Replace(path, prefix, replacement));
        Assert.Equal($"{expected}?q=1&r=/foo", Replace($"{path}?q=1&r=/foo", prefix, replacement));
    }

    [Theory]
    [InlineData("/full/one/two", "/one", "/one")]
    [InlineData("/full?a=b", "/one/", "/one/?a=b")]
    [InlineData("/full", "", "/")]
    [InlineData("/full?", "/x", "/x?")]
    public void A_full_path_takes_the_place_of_all_but_the_query(string path, string replacement, string expected) =>
        Assert.Equal(expected, PathRewriting.Apply(new PathRewrite(null, replacement), path, path));

    [Fact]
    public void A_prefix_is_that_of_the_path_that_was_matched_whatever_has_become_of_it() =>
        Assert.Equal("/c/x?q=2", PathRewriting.Apply(new PathRewrite("/a", "/c"), "/a/x?q=1", "/b/x?q=2"));

    // The specification's table in other words: replace the elements of the prefix by those of the replacement, and keep a trailing slash of the rest.
    [Fact]
    public void It_is_the_replacement_of_elements() => Gen.Select(Elements, Elements, Elements, Gen.Bool, Gen.Bool, Gen.Bool).Sample(
        (prefix, rest, replacement, prefixSlash, pathSlash, replacementSlash) =>
        {
            string[] elements = [.. prefix, .. rest];
            var path = Path(elements, pathSlash);
            var expected = Path([.. replacement, .. rest], path.EndsWith('/'));

            Assert.Equal(expected, Replace(path, Path(prefix, prefixSlash), replacement.Length == 0 && !replacementSlash ? "" : Path(replacement, replacementSlash)));
        });

    [Fact]
    public void A_rewritten_URI_is_sent_as_it_is()
    {
        var uri = PathRewriting.With(new Uri("http://user@[fd00::1]:8080/a"), "/a/../b/./%2e%2e/%41?x=%7e");
        Assert.Equal("/a/../b/./%2e%2e/%41?x=%7e", uri.PathAndQuery);
        Assert.Equal(("[fd00::1]", 8080), (uri.Host, uri.Port));
    }

    private static Gen<string[]> Elements => Gen.Int[0, 3].Select(static i => new[] { "a", "b", "%2F", "v2" }[i]).Array[0, 3];

    private static string Path(string[] elements, bool slash) =>
        elements.Length == 0 ? "/" : $"/{string.Join('/', elements)}{(slash ? "/" : "")}";

    // As the compiler does it: neither a prefix nor its replacement keeps a trailing slash.
    private static string Replace(string path, string prefix, string replacement) =>
        PathRewriting.Apply(new PathRewrite(prefix.TrimEnd('/'), replacement.TrimEnd('/')), path, path);
}
