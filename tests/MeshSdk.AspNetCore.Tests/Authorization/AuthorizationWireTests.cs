namespace MeshSdk.AspNetCore.Tests.Authorization;

/// <summary>The table of cases over real connections: policies are exchanged in a server that goes on running.</summary>
public sealed class AuthorizationWireTests(AuthorizationServer server) : IClassFixture<AuthorizationServer>
{
    // Of what an HTTP client sends as it is written.
    private const string Plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-?=&;";

    public static TheoryData<string, string, bool> Cases => AuthorizationTableTests.Cases;

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Calls_are_answered_as_policies_say(string policies, string call, bool allowed)
    {
        var subject = new AuthorizationCase(policies, call);
        await server.ReplaceAsync(subject.Manifests(server.Port));

        var (status, reached) = await server.CallAsync(subject);

        Assert.Equal(allowed, reached is not null);
        Assert.True(allowed ? status == 200 : status is 400 or 403, $"{status}");
        if (subject.Caller is not null && subject.Method.All(char.IsAsciiLetterUpper) && subject.Target.All(Plain.Contains) && !subject.Target.Contains("/.", StringComparison.Ordinal))
        {
            Assert.Equal(allowed, await server.CallAsGrpcAsync(subject));
        }
    }

    /// <summary>What a server gives an application as the path; null where it refuses the call. What is matched besides the normalised path is this.</summary>
    [Theory]
    [InlineData("/a%2Fb", "/a%2Fb")]
    [InlineData("/a%2fb", "/a%2fb")]
    [InlineData("/a%5Cb", "/a\\b")]
    [InlineData("/a\\b", "/a\\b")]
    [InlineData("//a//b/", "//a//b/")]
    [InlineData("/./a/../b", "/b")]
    [InlineData("/a/%2e%2e/b", "/b")]
    [InlineData("/a/..", "/")]
    [InlineData("/../a", "/a")]
    [InlineData("/a;v=1/b", "/a;v=1/b")]
    [InlineData("/a+b%20c", "/a+b c")]
    [InlineData("/caf%C3%A9", "/café")]
    [InlineData("/%FF", "/%FF")]
    [InlineData("/%2561", "/%61")]
    [InlineData("/%zz", "/%zz")]
    [InlineData("/a%00b", null)]
    [InlineData("/caf\u00e9", null)]
    [InlineData("\\a", null)]
    [InlineData("/a#b?c", "/a#b")]
    [InlineData("/a?b#c", "/a")]
    [InlineData("/a\"<>`{}^|", "/a\"<>`{}^|")]
    [InlineData("*", null)]
    [InlineData("http://example.com/a%2Fb", "/a/b")]
    [InlineData("http://example.com/a%5Cb\\c", "/a\\b/c")]
    [InlineData("http://example.com/x/%2e%2e/a", "/a")]
    [InlineData("http://example.com/x/..%2fa", "/x/../a")]
    [InlineData("http://example.com", "/")]
    [InlineData("http://example.com?x", "/")]
    [InlineData("http://user@example.com/", "/")]
    [InlineData("http:/\\example.com/", null)]
    [InlineData("foo:bar", null)]
    public async Task Applications_are_given_a_path_that_is_decoded_once(string target, string? path)
    {
        await server.ReplaceAsync("");

        var (status, reached) = await server.CallAsync(new("", $"X GET {target}"));

        Assert.Equal(path, reached);
        Assert.True(path is null ? status is 400 or 405 : status == 200, $"{status}");
    }
}
