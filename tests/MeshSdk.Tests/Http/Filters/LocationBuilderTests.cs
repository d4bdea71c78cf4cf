using MeshSdk.Http.Filters;
using MeshSdk.Model;

namespace MeshSdk.Tests.Http.Filters;

public sealed class LocationBuilderTests
{
    [Theory]
    [InlineData("http://backend/x", null, null, "http://example.org/x")]
    [InlineData("http://backend/x", null, 80, "http://example.org/x")]
    [InlineData("http://backend/x", null, 8080, "http://example.org:8080/x")]
    [InlineData("http://backend/x", "https", null, "https://example.org/x")]
    [InlineData("http://backend/x", "https", 443, "https://example.org/x")]
    [InlineData("http://backend/x", "https", 8443, "https://example.org:8443/x")]
    [InlineData("http://backend:8080/x", null, null, "http://example.org:8080/x")]
    [InlineData("http://backend:8080/x", null, 80, "http://example.org/x")]
    [InlineData("http://backend:8080/x", "https", null, "https://example.org/x")]
    [InlineData("http://backend:8080/x", "http", null, "http://example.org/x")]
    [InlineData("https://backend/x", null, null, "https://example.org/x")]
    [InlineData("https://backend/x", null, 443, "https://example.org/x")]
    [InlineData("https://backend/x", null, 8443, "https://example.org:8443/x")]
    [InlineData("https://backend/x", "http", null, "http://example.org/x")]
    [InlineData("https://backend/x", "http", 80, "http://example.org/x")]
    [InlineData("https://backend/x", "http", 8080, "http://example.org:8080/x")]
    [InlineData("http://backend/x", "https", 80, "https://example.org:80/x")]
    [InlineData("http://backend/x", null, 443, "http://example.org:443/x")]
    public void A_port_is_written_where_the_scheme_does_not_imply_it(string url, string? scheme, int? port, string expected) =>
        Assert.Equal(expected, Build(url, new RedirectFilter(scheme, "example.org", port, null, 302)));

    [Theory]
    [InlineData("http://backend.test/a?b=c", null, "http://backend.test/a?b=c")]
    [InlineData("http://backend.test:8080/a", "shown.example", "http://shown.example:8080/a")]
    [InlineData("http://backend.test:8080/a", "shown.example:9090", "http://shown.example:8080/a")]
    [InlineData("http://backend.test/a", "[fd00::1]:9090", "http://[fd00::1]/a")]
    [InlineData("http://backend.test/a", "[fd00::1]", "http://[fd00::1]/a")]
    [InlineData("http://[fd00::1]:8080/a", null, "http://[fd00::1]:8080/a")]
    [InlineData("http://bücher.example/%C3%A4?q=%20", null, "http://xn--bcher-kva.example/%C3%A4?q=%20")]
    public void Without_a_host_of_its_own_it_names_the_requests(string url, string? hostHeader, string expected) =>
        Assert.Equal(expected, LocationBuilder.Build(new RedirectFilter(null, null, null, null, 302), new Uri(url), hostHeader, new Uri(url).PathAndQuery));

    [Theory]
    [InlineData("/original-prefix/lemon?a=b", "/original-prefix", "/replacement-prefix", "http://backend/replacement-prefix/lemon?a=b")]
    [InlineData("/full/path/original?a=b", null, "/full-path-replacement", "http://backend/full-path-replacement?a=b")]
    public void The_path_is_rewritten_and_the_query_stays(string path, string? prefix, string value, string expected) =>
        Assert.Equal(expected, Build($"http://backend{path}", new RedirectFilter(null, null, null, new PathRewrite(prefix, value), 302)));

    private static string Build(string url, RedirectFilter redirect)
    {
        var uri = new Uri(url);
        return LocationBuilder.Build(redirect, uri, hostHeader: null, uri.PathAndQuery);
    }
}
