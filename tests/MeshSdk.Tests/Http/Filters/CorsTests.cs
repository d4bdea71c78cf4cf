using MeshSdk.Http.Filters;
using MeshSdk.Model;

namespace MeshSdk.Tests.Http.Filters;

public sealed class CorsTests
{
    private static readonly CorsFilter Named = new()
    {
        AllowOrigins = Origins("https://www.foo.com", "https://*.bar.com", "http://ports.example:8080"),
        AllowMethods = ["GET", "OPTIONS"],
        AllowHeaders = ["x-header-1", "x-header-2"],
        ExposeHeaders = ["x-header-3", "x-header-4"],
        MaxAge = TimeSpan.FromHours(1),
    };

    private static readonly CorsFilter Everything = new()
    {
        AllowOrigins = Origins("*"), AllowMethods = ["*"], AllowHeaders = ["*"], ExposeHeaders = ["*"],
    };

    [Theory]
    [InlineData("https://www.foo.com", true)]
    [InlineData("HTTPS://WWW.FOO.COM", true)]
    [InlineData("https://www.foo.com:443", true)]
    [InlineData("https://www.foo.com:8443", false)]
    [InlineData("http://www.foo.com", false)]
    [InlineData("https://foo.com", false)]
    [InlineData("https://www.bar.com", true)]
    [InlineData("https://xpto.www.bar.com", true)]
    [InlineData("https://bar.com", false)]
    [InlineData("https://foobar.com", false)]
    [InlineData("https://www.bar.com.evil.example", false)]
    [InlineData("http://ports.example:8080", true)]
    [InlineData("http://ports.example", false)]
    [InlineData("null", false)]
    [InlineData("https://", false)]
    [InlineData("nonsense", false)]
    public void An_origin_is_allowed_by_scheme_host_and_port(string origin, bool allowed)
    {
        using var response = Cors.Answer(Named, Preflight(origin));

        Assert.Equal(204, (int)response.StatusCode);
        Assert.Equal(allowed ? origin : null, Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal(allowed ? "GET, OPTIONS" : null, Header(response, "Access-Control-Allow-Methods"));
        Assert.Equal(allowed ? "x-header-1, x-header-2" : null, Header(response, "Access-Control-Allow-Headers"));
        Assert.Equal(allowed ? "3600" : null, Header(response, "Access-Control-Max-Age"));
        Assert.Null(Header(response, "Access-Control-Allow-Credentials"));
        Assert.Equal("Origin", Header(response, "Vary"));
    }

    [Fact]
    public void All_is_said_as_a_star_without_credentials()
    {
        using var response = Cors.Answer(Everything, Preflight("https://any.example"));

        Assert.Equal(("*", "*", "*", "5", null), (
            Header(response, "Access-Control-Allow-Origin"), Header(response, "Access-Control-Allow-Methods"),
            Header(response, "Access-Control-Allow-Headers"), Header(response, "Access-Control-Max-Age"), Header(response, "Vary")));
    }

    [Fact]
    public void All_is_said_by_name_with_credentials()
    {
        using var response = Cors.Answer(Everything with { AllowCredentials = true }, Preflight("https://any.example"));

        Assert.Equal(("https://any.example", "PUT", "x-one, x-two", "true"), (
            Header(response, "Access-Control-Allow-Origin"), Header(response, "Access-Control-Allow-Methods"),
            Header(response, "Access-Control-Allow-Headers"), Header(response, "Access-Control-Allow-Credentials")));
    }

    [Theory]
    [InlineData("https://www.foo.com", "https://www.foo.com", "x-header-3, x-header-4")]
    [InlineData("https://other.example", "https://backend.example", null)]
    [InlineData(null, "https://backend.example", null)]
    public void A_response_says_who_may_use_it(string? origin, string? allowed, string? exposed)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var response = new HttpResponseMessage { Headers = { { "Access-Control-Allow-Origin", "https://backend.example" }, { "Vary", "Accept" } } };

        Cors.Decorate(Named, request, response);

        Assert.Equal((allowed, exposed), (Header(response, "Access-Control-Allow-Origin"), Header(response, "Access-Control-Expose-Headers")));
        Assert.Equal(origin is null ? "Accept" : "Accept,Origin", Header(response, "Vary"));
    }

    [Theory]
    [InlineData("OPTIONS", "https://www.foo.com", "GET", true)]
    [InlineData("OPTIONS", null, "GET", false)]
    [InlineData("OPTIONS", "https://www.foo.com", null, false)]
    [InlineData("GET", "https://www.foo.com", "GET", false)]
    public async Task Only_a_preflight_is_answered_in_the_place_of_the_backend(string method, string? origin, string? asked, bool answered)
    {
        await using var backend = await RoutedBackend.StartAsync(
            "{ filters: [{ type: CORS, cors: { allowOrigins: ['https://www.foo.com', '://'], allowMethods: [GET, 'B AD'] } }], backendRefs: [{ BACKEND }] }");
        using var client = backend.CreateClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://backend/");
        request.Headers.TryAddWithoutValidation("Origin", origin ?? "");
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Method", asked ?? "");
        Drop(request, "Origin", origin);
        Drop(request, "Access-Control-Request-Method", asked);

        using var response = await client.SendAsync(request);

        Assert.Equal((answered ? 0 : 1, answered ? 204 : 200), (backend.Server.Requests, (int)response.StatusCode));
        Assert.Equal(origin, Header(response, "Access-Control-Allow-Origin"));
        Assert.Equal(answered ? "GET" : null, Header(response, "Access-Control-Allow-Methods"));
        Assert.Equal(2, backend.Mesh.Diagnostics.Count(static d => d.Code == "UnsupportedValue"));

        static void Drop(HttpRequestMessage request, string name, string? value)
        {
            if (value is null)
            {
                request.Headers.Remove(name);
            }
        }
    }

    [Theory]
    [InlineData("*", "*")]
    [InlineData("https://Foo.com", "https://Foo.com")]
    [InlineData("https://foo.com:443", "https://foo.com")]
    [InlineData("http://*.foo.com:8080", "http://*.foo.com:8080")]
    [InlineData("https://*", "https://*")]
    [InlineData("https://*foo.com", null)]
    [InlineData("https://a.*.com", null)]
    [InlineData("https://.foo.com", null)]
    [InlineData("foo.com", null)]
    [InlineData("https://foo.com/path", null)]
    [InlineData("https://foo.com:0", null)]
    [InlineData("https://foo.com:99999", null)]
    [InlineData("", null)]
    public void An_origin_is_read_or_refused(string text, string? expected) =>
        Assert.Equal(expected, CorsOrigin.TryParse(text, out var origin) ? origin.ToString() : null);

    private static HttpRequestMessage Preflight(string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, "http://backend/");
        request.Headers.TryAddWithoutValidation("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "PUT");
        request.Headers.TryAddWithoutValidation("Access-Control-Request-Headers", "x-one, x-two");
        return request;
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    private static System.Collections.Immutable.ImmutableArray<CorsOrigin> Origins(params string[] origins) =>
        [.. origins.Select(static text => CorsOrigin.TryParse(text, out var origin) ? origin : throw new ArgumentException(text))];
}
