using System.Text;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.Http.Filters;

/// <summary>What a backend sees of headers that a route changes, on the wire of both versions, for filters of rules and of backends.</summary>
public sealed class RequestHeaderTests
{
    private static readonly (string Path, string Filter)[] Modifiers =
    [
        ("/set", "{ set: [{ name: X-Header-Set, value: set-overwrites-values }] }"),
        ("/add", "{ add: [{ name: X-Header-Add, value: add-appends-values }] }"),
        ("/remove", "{ remove: [X-Header-Remove] }"),
        ("/multiple",
            "{ set: [{ name: X-Header-Set-1, value: header-set-1 }, { name: X-Header-Set-2, value: header-set-2 }], "
            + "add: [{ name: X-Header-Add-1, value: header-add-1 }, { name: X-Header-Add-2, value: header-add-2 }, { name: X-Header-Add-3, value: header-add-3 }], "
            + "remove: [X-Header-Remove-1, X-Header-Remove-2] }"),
        ("/case-insensitivity",
            "{ set: [{ name: X-Header-Set, value: header-set }], add: [{ name: X-Header-Add, value: header-add }], remove: [X-Header-Remove] }"),
        ("/content", "{ set: [{ name: content-type, value: text/changed }], add: [{ name: Content-Language, value: de }], remove: [X-On-Content] }"),
        ("/lists", "{ add: [{ name: Cookie, value: c=3 }, { name: User-Agent, value: mesh }, { name: Accept, value: text/plain }] }"),
    ];

    public static TheoryData<string, string, string> Cases => new()
    {
        { "/set", "Some-Other-Header: val", "some-other-header: val; x-header-set: set-overwrites-values" },
        { "/set", "Some-Other-Header: val; X-Header-Set: some-other-value", "some-other-header: val; x-header-set: set-overwrites-values" },
        { "/set", "X-Header-Set: a; X-Header-Set: b", "x-header-set: set-overwrites-values" },
        { "/add", "Some-Other-Header: val", "some-other-header: val; x-header-add: add-appends-values" },
        { "/add", "X-Header-Add: some-other-value", "x-header-add: some-other-value,add-appends-values" },
        { "/add", "X-Header-Add: a; X-Header-Add: b", "x-header-add: a,b,add-appends-values" },
        { "/remove", "X-Header-Remove: val", "x-header-remove:" },
        {
            "/multiple",
            "X-Header-Set-2: set-val-2; X-Header-Add-2: add-val-2; X-Header-Remove-2: remove-val-2; Another-Header: another-header-val",
            "x-header-set-1: header-set-1; x-header-set-2: header-set-2; x-header-add-1: header-add-1; x-header-add-2: add-val-2,header-add-2; "
                + "x-header-add-3: header-add-3; another-header: another-header-val; x-header-remove-1:; x-header-remove-2:"
        },
        {
            "/case-insensitivity",
            "x-header-set: original-val-set; x-header-add: original-val-add; x-header-remove: original-val-remove; Another-Header: another-header-val",
            "x-header-set: header-set; x-header-add: original-val-add,header-add; x-header-remove:; another-header: another-header-val"
        },
        { "/content", "", "content-type: text/changed; content-language: en,de; x-on-content:" },
        { "/lists", "Cookie: a=1; User-Agent: own/1; Accept: text/html", "cookie: a=1; c=3; user-agent: own/1 mesh; accept: text/html,text/plain" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public Task A_rules_modifier_is_seen_over_HTTP_1(string path, string sent, string seen) => ChecksAsync(HttpProtocols.Http1, onBackend: false, path, sent, seen);

    [Theory]
    [MemberData(nameof(Cases))]
    public Task A_backends_modifier_is_seen_over_HTTP_2(string path, string sent, string seen) => ChecksAsync(HttpProtocols.Http2, onBackend: true, path, sent, seen);

    private static async Task ChecksAsync(HttpProtocols protocols, bool onBackend, string path, string sent, string seen)
    {
        await using var backend = await RoutedBackend.StartAsync(Rules(onBackend), protocols);
        using var client = backend.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://backend{path}")
        {
            Content = new StringContent("body", Encoding.UTF8, "text/plain") { Headers = { { "Content-Language", "en" }, { "X-On-Content", "1" } } },
        };
        foreach (var (name, value) in Pairs(sent))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var before = MessageSnapshot.Of(request);

        var echo = await Echo.ReadAsync(await client.SendAsync(request));

        foreach (var (name, value) in Pairs(seen))
        {
            Assert.Equal((name, value.Length == 0 ? null : value), (name, echo.Headers.GetValueOrDefault(name)));
        }

        Assert.Equal("body", echo.Body);
        Assert.Equal(protocols == HttpProtocols.Http2 ? "HTTP/2" : "HTTP/1.1", echo.Protocol);
        Assert.Equal(before, MessageSnapshot.Of(request));
        Assert.Equal("text/plain; charset=utf-8", request.Content.Headers.NonValidated["Content-Type"].ToString());
        Assert.Equal(["en"], request.Content.Headers.GetValues("Content-Language"));
        Assert.Equal(["1"], request.Content.Headers.GetValues("X-On-Content"));
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task A_header_of_content_is_sent_without_content_too(HttpProtocols protocols)
    {
        await using var backend = await RoutedBackend.StartAsync(Rules(onBackend: false), protocols);
        using var client = backend.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/content");

        var echo = await Echo.ReadAsync(await client.SendAsync(request));

        Assert.Equal(("text/changed", "de", ""), (echo.Headers["content-type"], echo.Headers["content-language"], echo.Body));
        Assert.Null(request.Content);
    }

    [Fact]
    public async Task To_set_Host_is_to_rewrite_it()
    {
        await using var backend = await RoutedBackend.StartAsync(
            "{ filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: host, value: 'one.example:8080' }] } }], backendRefs: [{ BACKEND }] }");
        using var client = backend.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/") { Headers = { Host = "own.example" } };

        Assert.Equal("one.example:8080", (await Echo.ReadAsync(await client.SendAsync(request))).Headers["host"]);
        Assert.Equal("own.example", request.Headers.Host);
    }

    // Semicolons divide cookies too, so that they divide headers here only before a name and a colon.
    private static IEnumerable<(string Name, string Value)> Pairs(string text)
    {
        var name = "";
        foreach (var part in text.Split("; ", StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = part.IndexOf(':');
            if (colon > 0)
            {
                if (name.Length > 0)
                {
                    yield return Split(name);
                }

                name = part;
            }
            else
            {
                name = $"{name}; {part}";
            }
        }

        if (name.Length > 0)
        {
            yield return Split(name);
        }
    }

    private static (string Name, string Value) Split(string header) =>
        (header[..header.IndexOf(':')], header[(header.IndexOf(':') + 1)..].Trim());

    private static string Rules(bool onBackend) => string.Join(
        ", ",
        Modifiers.Select(modifier =>
        {
            var filters = $"filters: [{{ type: RequestHeaderModifier, requestHeaderModifier: {modifier.Filter} }}]";
            return $"{{ matches: [{{ path: {{ value: {modifier.Path} }} }}], "
                + (onBackend ? $"backendRefs: [{{ BACKEND, {filters} }}] }}" : $"{filters}, backendRefs: [{{ BACKEND }}] }}");
        }));
}
