using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.Http.Filters;

/// <summary>What a backend sees of a rewritten request.</summary>
public sealed class RewriteTests
{
    private const string Modifier =
        "{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: X-Header-Set, value: set-overwrites-values }], "
        + "add: [{ name: X-Header-Add, value: header-val-1 }, { name: X-Header-Add-Append, value: header-val-2 }], remove: [X-Header-Remove] } }";

    private static readonly string Rules = string.Join(
        ", ",
        Rule("/prefix/one", "{ path: { type: ReplacePrefixMatch, replacePrefixMatch: /one } }"),
        Rule("/strip-prefix", "{ path: { type: ReplacePrefixMatch, replacePrefixMatch: / } }"),
        Rule("/full/one", "{ path: { type: ReplaceFullPath, replaceFullPath: /one } }"),
        Rule("/full/rewrite-path-and-modify-headers", "{ path: { type: ReplaceFullPath, replaceFullPath: /test } }", Modifier),
        Rule("/prefix/rewrite-path-and-modify-headers", "{ path: { type: ReplacePrefixMatch, replacePrefixMatch: /prefix } }", Modifier),
        Rule("/one", "{ hostname: one.example.org }"),
        Rule("/rewrite-host-and-modify-headers", "{ hostname: test.example.org }", Modifier),
        Rule("/both", "{ hostname: both.example.org, path: { type: ReplaceFullPath, replaceFullPath: '/%2F/../x' } }"),
        "{ matches: [{ path: { value: /backend } }], filters: [{ type: URLRewrite, urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: /rule } } }], "
            + "backendRefs: [{ BACKEND, filters: [{ type: URLRewrite, urlRewrite: { hostname: two.example.org, path: { type: ReplacePrefixMatch, replacePrefixMatch: /own } } }] }] }");

    [Theory]
    [InlineData("http://backend/prefix/one/two", "/one/two", "backend")]
    [InlineData("http://backend/strip-prefix/three", "/three", "backend")]
    [InlineData("http://backend/strip-prefix", "/", "backend")]
    [InlineData("http://backend/full/one/two?q=%20#f", "/one?q=%20", "backend")]
    [InlineData("http://backend.default.svc/prefix/one/a%2Fb/%E4?q=/prefix/one", "/one/a%2Fb/%E4?q=/prefix/one", "backend.default.svc")]
    [InlineData("http://backend.default:8080/prefix/one/x", "/one/x", "backend.default:8080")]
    [InlineData("http://backend/one/x", "/one/x", "one.example.org")]
    [InlineData("http://backend.default.svc.cluster.local/one", "/one", "one.example.org")]
    [InlineData("http://backend/both/x?y", "/%2F/../x?y", "both.example.org")]
    [InlineData("http://backend/backend/x", "/own/x", "two.example.org")]
    public async Task Path_and_host_are_rewritten(string url, string target, string host)
    {
        foreach (var protocols in new[] { HttpProtocols.Http1, HttpProtocols.Http2 })
        {
            await using var backend = await RoutedBackend.StartAsync(Rules, protocols);
            using var client = backend.CreateClient();

            // An alias first, so that names share the connections of another one.
            await client.GetAsync("http://backend.default.svc.cluster.local/one");
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            var before = MessageSnapshot.Of(request);

            using var response = await client.SendAsync(request);
            var echo = await Echo.ReadAsync(response);

            Assert.Equal((target, host), (echo.Target, echo.Headers["host"]));
            Assert.Equal(before, MessageSnapshot.Of(request));
            Assert.Same(request, response.RequestMessage);
        }
    }

    [Theory]
    [InlineData("/full/rewrite-path-and-modify-headers/test", "/test", "backend")]
    [InlineData("/prefix/rewrite-path-and-modify-headers/one", "/prefix/one", "backend")]
    [InlineData("/rewrite-host-and-modify-headers", "/rewrite-host-and-modify-headers", "test.example.org")]
    public async Task A_rewrite_goes_with_changed_headers(string path, string target, string host)
    {
        await using var backend = await RoutedBackend.StartAsync(Rules);
        using var client = backend.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://backend{path}")
        {
            Headers = { { "X-Header-Remove", "remove-val" }, { "X-Header-Add-Append", "append-val-1" }, { "X-Header-Set", "set-val" } },
        };

        var echo = await Echo.ReadAsync(await client.SendAsync(request));

        Assert.Equal((target, host), (echo.Target, echo.Headers["host"]));
        Assert.Equal("header-val-1", echo.Headers["x-header-add"]);
        Assert.Equal("append-val-1,header-val-2", echo.Headers["x-header-add-append"]);
        Assert.Equal("set-overwrites-values", echo.Headers["x-header-set"]);
        Assert.DoesNotContain("x-header-remove", echo.Headers.Keys);
    }

    [Fact]
    public async Task A_callers_own_Host_is_rewritten_and_given_back()
    {
        await using var backend = await RoutedBackend.StartAsync(Rules);
        using var client = backend.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/one") { Headers = { Host = "own.example" } };

        Assert.Equal("one.example.org", (await Echo.ReadAsync(await client.SendAsync(request))).Headers["host"]);
        Assert.Equal("own.example", request.Headers.Host);
    }

    [Fact]
    public async Task The_path_of_a_gRPC_call_is_rewritten_too()
    {
        await using var backend = await RoutedBackend.StartAsync(Rules, HttpProtocols.Http2);
        using var client = backend.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/prefix/one/Method")
        {
            Version = new Version(2, 0), VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([]) { Headers = { { "Content-Type", "application/grpc" } } },
        };

        Assert.Equal("/one/Method", (await Echo.ReadAsync(await client.SendAsync(request))).Target);
    }

    [Fact]
    public async Task A_synchronous_call_is_rewritten_as_well()
    {
        await using var backend = await RoutedBackend.StartAsync(Rules);
        using var client = backend.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/prefix/one/two");

        using var response = client.Send(request);

        Assert.Equal("/one/two", (await Echo.ReadAsync(response)).Target);
        Assert.Equal(new Uri("http://backend/prefix/one/two"), request.RequestUri);
    }

    private static string Rule(string prefix, string rewrite, string? filter = null) =>
        $"{{ matches: [{{ path: {{ value: {prefix} }} }}], filters: [{{ type: URLRewrite, urlRewrite: {rewrite} }}{(filter is null ? "" : $", {filter}")}], "
        + "backendRefs: [{ BACKEND }] }";
}
