using System.Net;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.Http.Filters;

public sealed class ResponseHeaderTests
{
    // Answers with the headers that the query names.
    private static Task<EchoServer> ServerAsync(HttpProtocols protocols = HttpProtocols.Http1) => EchoServer.StartAsync("backend", protocols, static context =>
    {
        foreach (var (name, values) in context.Request.Query)
        {
            context.Response.Headers.Append(name, values);
        }

        return context.Response.WriteAsync("body");
    });

    private const string Modifier =
        "{ type: ResponseHeaderModifier, responseHeaderModifier: { "
        + "set: [{ name: X-Header-Set, value: set-overwrites-values }, { name: Content-Type, value: text/changed }], "
        + "add: [{ name: X-Header-Add, value: add-appends-values }, { name: Set-Cookie, value: b=2 }], remove: [X-Header-Remove, Content-Language] } }";

    [Theory]
    [InlineData(HttpProtocols.Http1, false)]
    [InlineData(HttpProtocols.Http2, true)]
    public async Task A_modifier_changes_what_the_backend_answers(HttpProtocols protocols, bool onBackend)
    {
        await using var backend = await RoutedBackend.StartAsync(
            onBackend ? $"{{ backendRefs: [{{ BACKEND, filters: [{Modifier}] }}] }}" : $"{{ filters: [{Modifier}], backendRefs: [{{ BACKEND }}] }}",
            ServerAsync(protocols), protocols);
        using var client = backend.CreateClient();

        using var response = await client.GetAsync(
            "http://backend/?x-header-set=some-other-value&X-HEADER-ADD=some-other-value&x-header-remove=val&Another=kept&content-language=en&Set-Cookie=a%3D1&content-type=text/plain");

        Assert.Equal("set-overwrites-values", response.Headers.NonValidated["X-Header-Set"].ToString());
        Assert.Equal(["some-other-value,add-appends-values"], response.Headers.NonValidated["X-Header-Add"]);
        Assert.Equal(["a=1", "b=2"], response.Headers.NonValidated["Set-Cookie"]);
        Assert.Equal("kept", response.Headers.NonValidated["Another"].ToString());
        Assert.False(response.Headers.NonValidated.Contains("X-Header-Remove"));
        Assert.Equal("text/changed", response.Content.Headers.NonValidated["Content-Type"].ToString());
        Assert.False(response.Content.Headers.NonValidated.Contains("Content-Language"));
        Assert.Equal("body", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task The_backends_filters_come_before_the_rules()
    {
        await using var backend = await RoutedBackend.StartAsync(
            "{ filters: [{ type: ResponseHeaderModifier, responseHeaderModifier: { add: [{ name: x, value: rule }], set: [{ name: z, value: rule }] } }], "
            + "backendRefs: [{ BACKEND, filters: [{ type: ResponseHeaderModifier, "
            + "responseHeaderModifier: { add: [{ name: x, value: backend }], set: [{ name: z, value: backend }] } }] }] }",
            ServerAsync());
        using var client = backend.CreateClient();

        using var response = await client.GetAsync("http://backend/?x=own");

        Assert.Equal("own,backend,rule", response.Headers.NonValidated["x"].ToString());
        Assert.Equal("rule", response.Headers.NonValidated["z"].ToString());
    }

    [Fact]
    public async Task What_the_mesh_answers_itself_is_left_alone()
    {
        await using var backend = await RoutedBackend.StartAsync(
            $"{{ filters: [{Modifier}], backendRefs: [{{ name: missing, port: 80 }}] }}", ServerAsync());
        using var client = backend.CreateClient();

        using var response = await client.GetAsync("http://backend/");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.False(response.Headers.NonValidated.Contains("X-Header-Set"));
    }

    [Fact]
    public async Task A_cookie_that_a_filter_sets_is_kept_as_if_the_server_had_sent_it()
    {
        await using var backend = await RoutedBackend.StartAsync($"{{ filters: [{Modifier}], backendRefs: [{{ BACKEND }}] }}", ServerAsync());
        var cookies = new CookieContainer();
        using var client = backend.CreateClient(new SocketsHttpHandler { CookieContainer = cookies });

        await client.GetAsync("http://backend/");

        Assert.Equal("b=2", cookies.GetCookieHeader(new Uri("http://backend/")));
    }
}
