using System.Text.Json;

namespace MeshSdk.Tool.Tests.Explain;

/// <summary>What explain says of filters: from manifests to JSON and text.</summary>
public sealed class ExplainFilterTests
{
    [Fact]
    public async Task A_request_is_shown_as_the_rules_filters_leave_it()
    {
        var answer = await ExplainAsync(
            """
            filters:
            - { type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: X-Set, value: new }], add: [{ name: X-Add, value: c }, { name: Content-Language, value: de }], remove: [X-Gone] } }
            - { type: URLRewrite, urlRewrite: { hostname: two.example, path: { type: ReplacePrefixMatch, replacePrefixMatch: /new } } }
            matches: [{ path: { value: /old } }]
            backendRefs: [{ name: v1, port: 80 }]
            """,
            "http://web/old/a%2Fb?q=/old", "-H", "x-set: old", "-H", "X-Add: a", "-H", "x-add: b", "-H", "X-Gone: 1", "-H", "Other: o");

        Assert.Equal("forward", Text(answer, "action"));
        Assert.Equal(
            """{"method":"GET","host":"two.example","path":"/new/a%2Fb","query":"q=/old","headers":{"x-set":"new","x-add":"a,b,c","other":"o","content-language":"de"}}""",
            answer.GetProperty("request").GetRawText());
        Assert.Equal(
            """{"host":"two.example","path":"/new/a%2Fb","query":"q=/old","headers":{"x-set":"new","x-add":"a,b,c","other":"o","content-language":"de"}}""",
            answer.GetProperty("backends")[0].GetProperty("request").GetRawText());
    }

    [Fact]
    public async Task A_backends_filters_come_after_the_rules_and_are_its_own()
    {
        var answer = await ExplainAsync(
            """
            filters:
            - { type: RequestHeaderModifier, requestHeaderModifier: { add: [{ name: x, value: rule }] } }
            - { type: ResponseHeaderModifier, responseHeaderModifier: { add: [{ name: A, value: rule }], set: [{ name: S, value: rule }], remove: [R] } }
            backendRefs:
            - name: v1
              port: 80
              filters:
              - { type: RequestHeaderModifier, requestHeaderModifier: { add: [{ name: X, value: own }] } }
              - { type: ResponseHeaderModifier, responseHeaderModifier: { add: [{ name: a, value: own }, { name: r, value: own }, { name: own, value: "1" }], set: [{ name: s, value: own }] } }
              - { type: RequestMirror, requestMirror: { backendRef: { name: v2, port: 80 }, percent: 0 } }
            - { name: v2, port: 80 }
            """,
            "http://web/");

        Assert.Equal("""{"x":"rule"}""", answer.GetProperty("request").GetProperty("headers").GetRawText());
        Assert.Equal("""{"set":{"s":"rule"},"add":{"a":"rule"},"remove":["r"]}""", answer.GetProperty("responseHeaders").GetRawText());
        var (one, two) = (answer.GetProperty("backends")[0], answer.GetProperty("backends")[1]);
        Assert.Equal("""{"x":"rule,own"}""", one.GetProperty("request").GetProperty("headers").GetRawText());
        Assert.Equal("""{"set":{"s":"rule"},"add":{"a":"own,rule","own":"1"},"remove":["r"]}""", one.GetProperty("responseHeaders").GetRawText());
        Assert.Equal("""[{"namespace":"shop","service":"v2","port":80,"fraction":0}]""", one.GetProperty("mirrors").GetRawText());
        Assert.Equal("""{"x":"rule"}""", two.GetProperty("request").GetProperty("headers").GetRawText());
        Assert.Equal("""{"set":{"s":"rule"},"add":{"a":"rule"},"remove":["r"]}""", two.GetProperty("responseHeaders").GetRawText());
        Assert.Equal("[]", two.GetProperty("mirrors").GetRawText());
    }

    [Fact]
    public async Task What_was_removed_and_is_added_again_is_set()
    {
        var answer = await ExplainAsync(
            """
            filters: [{ type: ResponseHeaderModifier, responseHeaderModifier: { add: [{ name: x, value: rule }] } }]
            backendRefs: [{ name: v1, port: 80, filters: [{ type: ResponseHeaderModifier, responseHeaderModifier: { remove: [X] } }] }]
            """,
            "http://web/");

        Assert.Equal("""{"set":{"x":"rule"},"add":{},"remove":[]}""", answer.GetProperty("backends")[0].GetProperty("responseHeaders").GetRawText());
    }

    [Theory]
    [InlineData("{ }", "http://web/a?b=c", 302, "http://web/a?b=c")]
    [InlineData("{ scheme: https }", "http://web:8080/a", 302, "https://web/a")]
    [InlineData("{ hostname: example.org }", "http://web:8080/a", 302, "http://example.org:8080/a")]
    [InlineData("{ port: 80, statusCode: 308 }", "http://web:8080/a", 308, "http://web/a")]
    [InlineData("{ path: { type: ReplacePrefixMatch, replacePrefixMatch: /x } }", "http://web/a", 302, "http://web/x/a")]
    public async Task A_redirect_is_the_whole_answer(string redirect, string url, int status, string location)
    {
        var answer = await ExplainAsync($"filters: [{{ type: RequestRedirect, requestRedirect: {redirect} }}]", url);

        Assert.Equal(("redirect", status, location), (Text(answer, "action"), answer.GetProperty("status").GetInt32(), Text(answer, "location")));
        Assert.Equal(0, answer.GetProperty("backends").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("grpcStatus").ValueKind);
    }

    [Fact]
    public async Task A_redirect_names_the_callers_own_host_without_its_port() => Assert.Equal(
        "http://shown.example:8080/",
        Text(await ExplainAsync("filters: [{ type: RequestRedirect, requestRedirect: { } }]", "http://web:8080/", "-H", "Host: shown.example:99"), "location"));

    [Fact]
    public async Task A_backend_that_redirects_says_where_to()
    {
        const string Redirect = "filters: [{ type: RequestRedirect, requestRedirect: { hostname: other.example } }]";
        var answer = await ExplainAsync(
            $$"""
            backendRefs:
            - { name: v1, port: 80, weight: 3 }
            - { name: empty, port: 80, weight: 1, {{Redirect}} }
            - { name: gone, port: 80, weight: 0, {{Redirect}} }
            """,
            "http://web/x");

        Assert.Equal("forward", Text(answer, "action"));
        Assert.Equal(["null", "302", "500"], answer.GetProperty("backends").EnumerateArray().Select(static b => b.GetProperty("status").GetRawText()));
        Assert.Equal(
            ["null", "\"http://other.example/x\"", "null"], answer.GetProperty("backends").EnumerateArray().Select(static b => b.GetProperty("location").GetRawText()));

        var only = await ExplainAsync($"backendRefs: [{{ name: v1, port: 80, weight: 1, {Redirect} }}, {{ name: v2, port: 80, weight: 0 }}]", "http://web/x");
        Assert.Equal(("redirect", 302, "http://other.example/x", 2), (
            Text(only, "action"), only.GetProperty("status").GetInt32(), Text(only, "location"), only.GetProperty("backends").GetArrayLength()));
    }

    [Fact]
    public async Task A_redirect_shows_the_headers_that_it_bears()
    {
        const string Headers = "{ type: ResponseHeaderModifier, responseHeaderModifier: { add: [{ name: X, value: VALUE }] } }";
        const string Redirect = "{ type: RequestRedirect, requestRedirect: { hostname: other.example } }";
        var (rule, own) = (Headers.Replace("VALUE", "rule", StringComparison.Ordinal), Headers.Replace("VALUE", "own", StringComparison.Ordinal));

        var ofRule = await ExplainAsync($"filters: [{Redirect}, {rule}]", "http://web/");
        var ofBackend = await ExplainAsync($"filters: [{rule}]\nbackendRefs: [{{ name: v1, port: 80, filters: [{Redirect}, {own}] }}]", "http://web/");

        Assert.Equal(["redirect", "redirect"], [Text(ofRule, "action"), Text(ofBackend, "action")]);
        Assert.Equal("""{"set":{},"add":{"x":"rule"},"remove":[]}""", ofRule.GetProperty("responseHeaders").GetRawText());
        Assert.Equal("""{"set":{},"add":{"x":"rule"},"remove":[]}""", ofBackend.GetProperty("responseHeaders").GetRawText());
        Assert.Equal("""{"set":{},"add":{"x":"own,rule"},"remove":[]}""", ofBackend.GetProperty("backends")[0].GetProperty("responseHeaders").GetRawText());
    }

    [Fact]
    public async Task A_mirror_beside_a_redirect_is_told_to_mirror_nothing()
    {
        var answer = await ExplainAsync(
            "filters: [{ type: RequestMirror, requestMirror: { backendRef: { name: v1, port: 80 } } }, { type: RequestRedirect, requestRedirect: { } }]", "http://web/");

        Assert.Equal(("redirect", "[]"), (Text(answer, "action"), answer.GetProperty("mirrors").GetRawText()));
        var diagnostic = Assert.Single(answer.GetProperty("diagnostics").EnumerateArray());
        Assert.Equal(("warning", "Ignored", "spec.rules[0].filters[0]"), (Text(diagnostic, "severity"), Text(diagnostic, "code"), Text(diagnostic, "path")));
    }

    [Fact]
    public async Task Mirrors_are_listed_those_of_nothing_too_and_invalid_ones_not()
    {
        var answer = await ExplainAsync(
            """
            filters:
            - { type: RequestMirror, requestMirror: { backendRef: { name: v1, port: 80 } } }
            - { type: RequestMirror, requestMirror: { backendRef: { name: v2, port: 80 }, percent: 20 } }
            - { type: RequestMirror, requestMirror: { backendRef: { name: v2, port: 80 }, fraction: { numerator: 0, denominator: 3 } } }
            - { type: RequestMirror, requestMirror: { backendRef: { name: gone, port: 80 } } }
            backendRefs: [{ name: v1, port: 80 }]
            """,
            "http://web/");

        Assert.Equal(
            """[{"namespace":"shop","service":"v1","port":80,"fraction":1},{"namespace":"shop","service":"v2","port":80,"fraction":0.2},{"namespace":"shop","service":"v2","port":80,"fraction":0}]""",
            answer.GetProperty("mirrors").GetRawText());
        var diagnostic = Assert.Single(answer.GetProperty("diagnostics").EnumerateArray());
        Assert.Equal(("BackendNotFound", "spec.rules[0].filters[3].requestMirror.backendRef"), (Text(diagnostic, "code"), Text(diagnostic, "path")));
        Assert.EndsWith("nothing is mirrored by it", Text(diagnostic, "message"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("filters: [{ type: Novelty }]\nbackendRefs: [{ name: v1, port: 80 }]", "fail", "500")]
    [InlineData("filters: [{ type: RequestRedirect, requestRedirect: { } }, { type: Novelty }]", "fail", "500")]
    [InlineData("filters: [{ type: ExtensionRef, extensionRef: { group: g, kind: K, name: one } }]\nbackendRefs: [{ name: v1, port: 80 }]", "fail", "500")]
    [InlineData("backendRefs: [{ name: v1, port: 80, filters: [{ type: Novelty }] }, { name: v2, port: 80 }]", "forward", "null")]
    public async Task A_filter_that_cannot_be_carried_out_fails_its_rule_or_its_share(string rule, string action, string status)
    {
        var answer = await ExplainAsync(rule, "http://web/");

        Assert.Equal((action, status), (Text(answer, "action"), answer.GetProperty("status").GetRawText()));
        Assert.All(answer.GetProperty("backends").EnumerateArray().Take(1), static b =>
        {
            Assert.Equal(500, b.GetProperty("status").GetInt32());
            Assert.Equal("10.0.0.1:8080", Assert.Single(b.GetProperty("endpoints").EnumerateArray()).GetProperty("address").GetString());
        });
    }

    [Fact]
    public async Task A_grpc_call_shows_the_callers_headers_and_the_filters_alone()
    {
        var answer = await ExplainAsync(
            "filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: x, value: a }] } }]\nbackendRefs: [{ name: v1, port: 80 }]",
            "http://web/", "--grpc", "pkg.Svc/Call");

        Assert.Equal("""{"x":"a"}""", answer.GetProperty("request").GetProperty("headers").GetRawText());
    }

    [Fact]
    public async Task Text_says_what_filters_do()
    {
        var run = await RunAsync(
            """
            filters:
            - { type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: x, value: a }], remove: [gone] } }
            - { type: URLRewrite, urlRewrite: { path: { type: ReplaceFullPath, replaceFullPath: /new } } }
            - { type: RequestMirror, requestMirror: { backendRef: { name: v2, port: 80 }, percent: 20 } }
            - { type: ResponseHeaderModifier, responseHeaderModifier: { set: [{ name: s, value: b }], add: [{ name: t, value: c }], remove: [u] } }
            backendRefs:
            - { name: v1, port: 80 }
            - { name: v2, port: 80, filters: [{ type: URLRewrite, urlRewrite: { hostname: two.example } }, { type: RequestMirror, requestMirror: { backendRef: { name: v1, port: 80 } } }] }
            - { name: empty, port: 80, filters: [{ type: RequestRedirect, requestRedirect: { hostname: other.example } }] }
            """,
            ["http://web/?q=1", "-H", "gone: 1"]);

        Assert.Equal(
            """
            GET http://web/?q=1 from namespace shop
            Action    forward
            Service   shop/web:80
            Route     HTTPRoute shop/route (producer), rule 0
            Path      /new?q=1
            Headers   x: a; no gone
            Mirror    20 % to shop/v2:80
            Response  s: b; t: …,c; no u
              33.33 %  shop/v1:80     LEAST_REQUEST
                       10.0.0.1:8080  ready
              33.33 %  shop/v2:80     LEAST_REQUEST
                       host two.example
                       mirror 100 % to shop/v1:80
                       10.0.0.2:8080  ready
              33.33 %  shop/empty:80  redirects with 302 to http://other.example/new?q=1, LEAST_REQUEST

            """,
            run.Out);
        var redirect = await RunAsync("filters: [{ type: RequestRedirect, requestRedirect: { statusCode: 301, hostname: other.example } }]", ["http://web/"]);
        Assert.Contains("Action    redirect with 301 to http://other.example/\n", redirect.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Describe_names_filters_in_their_order()
    {
        var run = await ToolRun.WithInput(
            Manifests(
                """
                filters:
                - { type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: X, value: a }, { name: Host, value: h.example }], add: [{ name: z, value: b }], remove: [gone] } }
                - { type: CORS, cors: { allowOrigins: ["https://*.a.example"], allowMethods: [GET], allowCredentials: true } }
                - { type: RequestMirror, requestMirror: { backendRef: { name: v2, port: 80 }, fraction: { numerator: 1, denominator: 3 } } }
                backendRefs:
                - { name: v1, port: 80, filters: [{ type: URLRewrite, urlRewrite: { hostname: two.example, path: { type: ReplacePrefixMatch, replacePrefixMatch: /x/ } } }] }
                - { name: empty, port: 80, filters: [{ type: RequestRedirect, requestRedirect: { scheme: https, port: 8443 } }] }
                """),
            "describe", "service", "web", "--manifests", "-", "-n", "shop");

        Assert.Contains(
            """
                     Filter: rewrite: host h.example
                     Filter: request headers: set X=a; add z=b; remove gone
                     Filter: CORS: origins https://*.a.example; methods GET; with credentials
                     Filter: mirror 33.33% to shop/v2:80
                     Route to host "v1" port 80 with weight 50%
                        Filter: rewrite: host two.example, path /* to /x*
                        LEAST_REQUEST, TLS none, endpoints 1 total, 1 ready
                     Route to host "empty" port 80 with weight 50%
                        Filter: redirect 302: scheme https, port 8443

            """,
            run.Out, StringComparison.Ordinal);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static async Task<JsonElement> ExplainAsync(string rule, string url, params string[] more)
    {
        var run = await RunAsync(rule, ["-o", "json", url, .. more]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return run.Json;
    }

    private static Task<ToolRun> RunAsync(string rule, string[] arguments) =>
        ToolRun.WithInput(Manifests(rule), ["explain", "--manifests", "-", "-n", "shop", .. arguments]);

    private static string Manifests(string rule) => string.Join(
        "\n---\n",
        Service("web"), Service("v1"), Service("v2"), Service("empty"), Slice("v1", "10.0.0.1"), Slice("v2", "10.0.0.2"),
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: route, namespace: shop }\n"
            + "spec:\n  parentRefs: [{ group: '', kind: Service, name: web }]\n  rules:\n  - " + rule.ReplaceLineEndings("\n").Replace("\n", "\n    ", StringComparison.Ordinal));

    private static string Service(string name) =>
        $"apiVersion: v1\nkind: Service\nmetadata: {{ name: {name}, namespace: shop }}\nspec: {{ ports: [{{ name: http, port: 80 }}, {{ name: more, port: 8080 }}] }}";

    private static string Slice(string service, string address) =>
        $"apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {{ name: {service}-1, namespace: shop, labels: {{ kubernetes.io/service-name: {service} }} }}\n"
        + $"addressType: IPv4\nports: [{{ name: http, port: 8080 }}]\nendpoints: [{{ addresses: [{address}] }}]";
}
