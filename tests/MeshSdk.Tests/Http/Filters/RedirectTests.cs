using System.Net;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.Http.Filters;

/// <summary>Redirects that a route gives, which no backend ever sees.</summary>
public sealed class RedirectTests
{
    private static readonly string Rules = string.Join(
        ", ",
        Rule("/hostname-redirect", "hostname: example.org"),
        Rule("/host-and-status", "hostname: example.org, statusCode: 301"),
        Rule("/original-prefix", "path: { type: ReplacePrefixMatch, replacePrefixMatch: /replacement-prefix }"),
        Rule("/full", "path: { type: ReplaceFullPath, replaceFullPath: /full-path-replacement }"),
        Rule("/path-and-host", "hostname: example.org, path: { type: ReplacePrefixMatch, replacePrefixMatch: /replacement-prefix }"),
        Rule("/path-and-status", "path: { type: ReplacePrefixMatch, replacePrefixMatch: /replacement-prefix }, statusCode: 301"),
        Rule("/full-path-and-host", "hostname: example.org, path: { type: ReplaceFullPath, replaceFullPath: /replacement-full }"),
        Rule("/full-path-and-status", "path: { type: ReplaceFullPath, replaceFullPath: /replacement-full }, statusCode: 301"),
        Rule("/port", "port: 8083"),
        Rule("/port-and-host", "port: 8083, hostname: example.org"),
        Rule("/port-and-status", "port: 8083, statusCode: 301"),
        Rule("/port-and-host-and-status", "port: 8083, hostname: example.org, statusCode: 302"),
        Rule("/scheme", "scheme: https"),
        Rule("/scheme-and-host", "scheme: https, hostname: example.org"),
        Rule("/scheme-and-status", "scheme: https, statusCode: 301"),
        Rule("/scheme-and-host-and-status", "scheme: https, hostname: example.org, statusCode: 302"),
        Rule("/redirect", "statusCode: 303"),
        Rule("/temporary", "statusCode: 307"),
        Rule("/permanent", "statusCode: 308"),
        Backend("/backend/full", "path: { type: ReplaceFullPath, replaceFullPath: /redirected-full }"),
        Backend("/backend/prefix", "path: { type: ReplacePrefixMatch, replacePrefixMatch: /redirected-prefix }"),
        "{ matches: [{ path: { value: /invalid } }], backendRefs: [{ name: missing, port: 80, filters: [{ type: RequestRedirect, requestRedirect: { } }] }] }",
        Rule("/elsewhere", "hostname: backend.default.svc, path: { type: ReplaceFullPath, replaceFullPath: /there }"),
        "{ matches: [{ path: { value: /there } }], backendRefs: [{ BACKEND }] }");

    [Theory]
    [InlineData("/hostname-redirect?q=1", 302, "http://example.org/hostname-redirect?q=1")]
    [InlineData("/host-and-status", 301, "http://example.org/host-and-status")]
    [InlineData("/original-prefix/lemon", 302, "http://backend/replacement-prefix/lemon")]
    [InlineData("/full/path/original", 302, "http://backend/full-path-replacement")]
    [InlineData("/path-and-host", 302, "http://example.org/replacement-prefix")]
    [InlineData("/path-and-status", 301, "http://backend/replacement-prefix")]
    [InlineData("/full-path-and-host", 302, "http://example.org/replacement-full")]
    [InlineData("/full-path-and-status", 301, "http://backend/replacement-full")]
    [InlineData("/port", 302, "http://backend:8083/port")]
    [InlineData("/port-and-host", 302, "http://example.org:8083/port-and-host")]
    [InlineData("/port-and-status", 301, "http://backend:8083/port-and-status")]
    [InlineData("/port-and-host-and-status", 302, "http://example.org:8083/port-and-host-and-status")]
    [InlineData("/scheme", 302, "https://backend/scheme")]
    [InlineData("/scheme-and-host", 302, "https://example.org/scheme-and-host")]
    [InlineData("/scheme-and-status", 301, "https://backend/scheme-and-status")]
    [InlineData("/scheme-and-host-and-status", 302, "https://example.org/scheme-and-host-and-status")]
    [InlineData("/redirect", 303, "http://backend/redirect")]
    [InlineData("/temporary", 307, "http://backend/temporary")]
    [InlineData("/permanent", 308, "http://backend/permanent")]
    [InlineData("/backend/full/original", 302, "http://backend/redirected-full")]
    [InlineData("/backend/prefix/original?a=%2F", 302, "http://backend/redirected-prefix/original?a=%2F")]
    public async Task A_redirect_is_answered_without_a_backend(string path, int status, string location)
    {
        await using var backend = await RoutedBackend.StartAsync(Rules);
        using var client = backend.CreatePlainClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://backend{path}");
        var before = MessageSnapshot.Of(request);

        using var response = await client.SendAsync(request);

        Assert.Equal((status, location), ((int)response.StatusCode, response.Headers.NonValidated["Location"].ToString()));
        Assert.Equal(0, backend.Server.Requests);
        Assert.Equal(before, MessageSnapshot.Of(request));
        Assert.Same(request, response.RequestMessage);
        var call = response.GetMeshCall()!;
        Assert.Equal((0, "-", (string?)null, "HTTPRoute default/route"), (call.Attempts, call.Flags, call.Endpoint, call.Route));
        Assert.Equal(path.StartsWith("/backend", StringComparison.Ordinal) ? "default/backend:80" : null, call.Backend);
    }

    [Fact]
    public async Task The_dialled_port_stays()
    {
        await using var backend = await RoutedBackend.StartAsync(Rules);
        using var client = backend.CreatePlainClient();

        using var response = await client.GetAsync("http://backend:8080/hostname-redirect");

        Assert.Equal("http://example.org:8080/hostname-redirect", response.Headers.Location?.OriginalString);
    }

    [Fact]
    public async Task A_backend_that_does_not_exist_redirects_nobody()
    {
        await using var backend = await RoutedBackend.StartAsync(Rules);
        using var client = backend.CreatePlainClient();

        using var response = await client.GetAsync("http://backend/invalid");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_redirect_into_the_mesh_is_followed_by_its_routes(bool synchronously)
    {
        await using var backend = await RoutedBackend.StartAsync(Rules);
        using var client = backend.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/elsewhere?q=1") { Headers = { { "X-Own", "1" } } };

        using var response = synchronously ? client.Send(request) : await client.SendAsync(request);

        var echo = await Echo.ReadAsync(response);
        Assert.Equal(("/there?q=1", "backend.default.svc", "1"), (echo.Target, echo.Headers["host"], echo.Headers["x-own"]));
    }

    [Theory]
    [InlineData(true, "filters: [HEADERS, REDIRECT, CORS]", "rule")]
    [InlineData(false, "filters: [CORS, REDIRECT, HEADERS]", "rule")]
    [InlineData(true, "filters: [HEADERS, CORS], backendRefs: [{ BACKEND, filters: [OWN, REDIRECT] }]", "own,rule")]
    [InlineData(false, "filters: [HEADERS, CORS], backendRefs: [{ BACKEND, filters: [REDIRECT, OWN] }]", "own,rule")]
    [InlineData(true, "filters: [HEADERS], backendRefs: [{ BACKEND, filters: [OWN, REDIRECT, CORS] }]", "own,rule")]
    public async Task A_redirect_bears_the_headers_that_responses_are_given(bool synchronously, string rule, string added)
    {
        await using var backend = await RoutedBackend.StartAsync($"{{ {rule} }}"
            .Replace("HEADERS", Response("rule"), StringComparison.Ordinal)
            .Replace("OWN", Response("own"), StringComparison.Ordinal)
            .Replace("REDIRECT", "{ type: RequestRedirect, requestRedirect: { hostname: example.org } }", StringComparison.Ordinal)
            .Replace("CORS", "{ type: CORS, cors: { allowOrigins: ['http://app.example'], allowCredentials: true } }", StringComparison.Ordinal));
        using var client = backend.CreatePlainClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/") { Headers = { { "Origin", "http://app.example" } } };

        using var response = synchronously ? client.Send(request) : await client.SendAsync(request);

        Assert.Equal((HttpStatusCode.Found, "http://example.org/"), (response.StatusCode, response.Headers.Location?.OriginalString));
        Assert.Equal(added, response.Headers.NonValidated["X-Added"].ToString());
        Assert.Equal("rule", response.Headers.NonValidated["X-Set"].ToString());
        Assert.Equal("http://app.example", response.Headers.NonValidated["Access-Control-Allow-Origin"].ToString());
        Assert.Equal(0, backend.Server.Requests);

        static string Response(string value) =>
            $"{{ type: ResponseHeaderModifier, responseHeaderModifier: {{ set: [{{ name: X-Set, value: {value} }}], add: [{{ name: X-Added, value: {value} }}] }} }}";
    }

    [Fact]
    public async Task Other_answers_of_the_mesh_bear_no_headers_of_the_route()
    {
        await using var backend = await RoutedBackend.StartAsync(
            "{ filters: [{ type: ResponseHeaderModifier, responseHeaderModifier: { set: [{ name: X-Set, value: a }] } }], backendRefs: [{ name: missing, port: 80 }] }");
        using var client = backend.CreatePlainClient();

        using var response = await client.GetAsync("http://backend/");

        Assert.Equal((HttpStatusCode.InternalServerError, false), (response.StatusCode, response.Headers.Contains("X-Set")));
    }

    [Fact]
    public async Task A_redirect_out_of_the_mesh_is_the_callers_to_judge()
    {
        await using var backend = await RoutedBackend.StartAsync(Rules);
        using var client = backend.CreateClient();

        using var response = await client.GetAsync("http://backend/hostname-redirect");

        Assert.Equal((HttpStatusCode.Found, 0), (response.StatusCode, backend.Server.Requests));
    }

    [Fact]
    public async Task A_redirect_to_itself_ends_at_the_bound()
    {
        await using var backend = await RoutedBackend.StartAsync(Rules);
        using var client = backend.CreateClient(new SocketsHttpHandler { MaxAutomaticRedirections = 3 });

        using var response = await client.GetAsync("http://backend/temporary");

        Assert.Equal((HttpStatusCode.TemporaryRedirect, 0), (response.StatusCode, backend.Server.Requests));
    }

    [Fact]
    public async Task A_gRPC_call_is_never_led_elsewhere()
    {
        await using var backend = await RoutedBackend.StartAsync(Rules, HttpProtocols.Http2);
        using var client = backend.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/elsewhere")
        {
            Content = new ByteArrayContent([]) { Headers = { { "Content-Type", "application/grpc" } } },
        };

        using var response = await client.SendAsync(request);

        Assert.Equal((HttpStatusCode.Found, "http://backend.default.svc/there"), (response.StatusCode, response.Headers.Location?.OriginalString));
        Assert.Equal(0, backend.Server.Requests);
    }

    private static string Rule(string prefix, string redirect) =>
        $"{{ matches: [{{ path: {{ value: {prefix} }} }}], filters: [{{ type: RequestRedirect, requestRedirect: {{ {redirect} }} }}] }}";

    private static string Backend(string prefix, string redirect) =>
        $"{{ matches: [{{ path: {{ value: {prefix} }} }}], backendRefs: [{{ BACKEND, filters: [{{ type: RequestRedirect, requestRedirect: {{ {redirect} }} }}] }}] }}";
}
