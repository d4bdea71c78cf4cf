using System.Net;
using MeshSdk.Model;

namespace MeshSdk.Tests.Compilation.Inbound;

/// <summary>What the single values of authorization policies match.</summary>
public sealed class AuthorizationPatternTests
{
    [Theory]
    [InlineData("10.1.2.3", "10.1.2.3", true)]
    [InlineData("10.1.2.3", "10.1.2.4", false)]
    [InlineData("10.1.2.9/24", "10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [InlineData("10.0.0.0/8", "::ffff:11.1.2.3", false)]
    [InlineData("10.0.0.0/8", "::10.1.2.3", false)]
    [InlineData("0.0.0.0/0", "255.255.255.255", true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", false)]
    [InlineData("::/0", "10.1.2.3", false)]
    [InlineData("::/0", "::ffff:10.1.2.3", false)]
    [InlineData("::/0", "2001:db8::1", true)]
    [InlineData("2001:db8::/33", "2001:db8:7fff::1", true)]
    [InlineData("2001:db8::/33", "2001:db8:8000::1", false)]
    [InlineData("fe80::1", "fe80::1%3", true)]
    public void Blocks_contain_addresses(string block, string address, bool contains)
    {
        Assert.True(AddressBlock.TryParse(block, out var parsed));
        Assert.Equal(contains, parsed.Contains(AddressBits.Of(IPAddress.Parse(address))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10.1.2")]
    [InlineData("010.1.2.3")]
    [InlineData("0xA.1.2.3")]
    [InlineData("167837955")]
    [InlineData(" 10.1.2.3")]
    [InlineData("10.1.2.3/")]
    [InlineData("10.1.2.3/33")]
    [InlineData("10.1.2.3/+8")]
    [InlineData("10.1.2.3/8/8")]
    [InlineData("::1/129")]
    [InlineData("[::1]")]
    [InlineData("fe80::1%eth0")]
    [InlineData("::ffff:10.1.2.3")]
    [InlineData("::ffff:10.0.0.0/104")]
    [InlineData("*")]
    public void What_is_no_block_is_none(string text) => Assert.False(AddressBlock.TryParse(text, out _));

    [Theory]
    [InlineData("", "", true)]
    [InlineData("*", "", true)]
    [InlineData("a*a", "a", false)]
    [InlineData("a*a", "aa", true)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("a*b*c", "a-c-b", false)]
    [InlineData("*ab*ab*", "xabyabz", true)]
    [InlineData("*ab*ab*", "xabz", false)]
    [InlineData("a**b", "ab", true)]
    public void Stars_stand_for_any_characters(string pattern, string value, bool matches) => Assert.Equal(matches, new GlobPattern(pattern).Matches(value));

    [Theory]
    [InlineData("td/ns/foo/sa/bar", true)]
    [InlineData("td/ns/foo/sa/bar/x", true)]
    [InlineData("td/ns/foo/x/sa/bar", true)]
    [InlineData("td/x/ns/foo/sa/bar", true)]
    [InlineData("td/ns/foo/sa/barn", false)]
    [InlineData("td/ns/foo/sa/barn/sa/bar", true)]
    [InlineData("td/ns/foot/sa/bar", false)]
    [InlineData("td/ns/foo/xsa/bar", false)]
    [InlineData("td/sa/bar/ns/foo/x", false)]
    [InlineData("/ns/foo/sa/bar", false)]
    [InlineData("", false)]
    public void Accounts_are_of_a_namespace_in_any_trust_domain(string principal, bool matches) => Assert.Equal(matches, new AccountPattern("foo", "bar").Matches(principal));

    [Theory]
    [InlineData("/{*}", "/a", true)]
    [InlineData("/{*}", "/", false)]
    [InlineData("/{*}", "/a/", false)]
    [InlineData("/{*}/", "/a/", true)]
    [InlineData("/{*}", "/a%20b", true)]
    [InlineData("/{*}", "/a*b", false)]
    [InlineData("/{*}", "/a b", false)]
    [InlineData("/a/{**}", "/a", false)]
    [InlineData("/a/{**}", "/a/", true)]
    [InlineData("/a/{**}", "/ab", false)]
    [InlineData("/a/{**}/b/c", "/a/x/y/b/c", true)]
    [InlineData("/a/{**}/b/c", "/a/b/c", false)]
    [InlineData("/a/{**}/b/c", "/a//b/c", true)]
    [InlineData("/a/{**}/", "/a/b/", true)]
    [InlineData("/a/{**}/", "/a/b", false)]
    public void Templates_match_segments(string template, string path, bool matches)
    {
        Assert.Equal(matches, PathTemplate.Parse(template)!.Matches(path, isGenerous: false));
        Assert.Equal(matches, PathTemplate.Parse(template)!.Matches(path, isGenerous: true));
    }

    [Theory]
    [InlineData("a/{*}")]
    [InlineData("/{*}.txt")]
    [InlineData("/*/{*}")]
    [InlineData("/{**}/{*}")]
    [InlineData("/{**}/{**}")]
    [InlineData("/{a}")]
    [InlineData("/{*")]
    [InlineData("/a?/{*}")]
    [InlineData("/{*}*")]
    public void What_is_no_template_is_none(string text) => Assert.Null(PathTemplate.Parse(text));
}
