using MeshSdk.Tool.CommandLine;

namespace MeshSdk.Tool.Tests.CommandLine;

public sealed class RequestUrlTests
{
    [Theory]
    [InlineData("backend", "http://backend/")]
    [InlineData("backend:8080/a?b=http://c", "http://backend:8080/a?b=http://c")]
    [InlineData("https://backend/a", "https://backend/a")]
    [InlineData("[fd00::1]:80/", "http://[fd00::1]/")]
    public void A_url_without_a_scheme_is_http(string typed, string expected) => Assert.Equal(expected, RequestUrl.Parse(typed).AbsoluteUri);

    [Theory]
    [InlineData("")]
    [InlineData("ftp://backend")]
    [InlineData("http://")]
    [InlineData("/path")]
    public void What_no_request_can_go_to_is_refused(string typed)
    {
        var error = Assert.Throws<FormatException>(() => RequestUrl.Parse(typed));

        Assert.Contains($"'{typed}'", error.Message, StringComparison.Ordinal);
    }
}
