using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.AspNetCore.Tests.Fixtures.Clients;
using MeshSdk.AspNetCore.Tests.Fixtures.Wire;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.AspNetCore.Tests.Attacks;

/// <summary>What a request says of itself makes nobody of its caller, and leads past no policy.</summary>
public sealed class LyingRequestTests : IDisposable
{
    private const string Client = "spiffe://cluster.local/ns/web/sa/client";
    private const string NoLoopback = "action: DENY, rules: [{ from: [{ source: { ipBlocks: [127.0.0.0/8] } }], to: [{ operation: { paths: [/closed] } }] }]";

    private readonly MeshCertificateAuthority _authority = new();
    private readonly MeshTestCertificate _client;

    public LyingRequestTests() => _client = _authority.Issue(Client);

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData("http", true, "https")]
    [InlineData("https", true, "https")]
    [InlineData("spiffe", true, "https")]
    [InlineData("http", false, "http")]
    [InlineData("https", false, "http")]
    [InlineData("wss", false, "http")]
    public async Task A_scheme_of_HTTP2_is_only_said(string said, bool isSecure, string scheme)
    {
        await using var host = await StartAsync(application: static app => app.Use(static (context, next) => context.Request.Path == "/scheme"
            ? context.Response.WriteAsync($"{EchoApplication.CallerOf(context)} {context.Request.Scheme} {context.Request.IsHttps}")
            : next(context)));
        await using Stream connection = isSecure ? await Dial.TlsAsync(host.Mixed, _client, protocols: "h2") : await Dial.PlaintextAsync(host.Http2Only);
        var http = new Http2(connection);
        await http.OpenAsync();

        var answer = await http.SendAsync(Http2.HeadOf("/scheme", isGrpc: false, said));

        Assert.Equal($"{(isSecure ? Client : "plaintext")} HTTP/2 {scheme} {isSecure}", answer.Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Forwarded_headers_change_neither_the_address_nor_the_caller(bool isSecure)
    {
        await using var host = await StartAsync(
            AuthorizationPolicies.Of("inside", NoLoopback),
            static app => app.UseForwardedHeaders(),
            static services => services.Configure<ForwardedHeadersOptions>(static options =>
            {
                options.ForwardedHeaders = ForwardedHeaders.All;
                options.KnownIPNetworks.Clear();
                options.KnownProxies.Clear();
            }));
        const string Headers = "X-Forwarded-For: 10.1.2.3\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: other\r\nForwarded: for=10.1.2.3\r\nX-Envoy-External-Address: 10.1.2.3\r\n";

        Assert.Equal("status 403", await GetAsync(host, isSecure, "/closed", Headers));
        Assert.Equal($"{(isSecure ? Client : "plaintext")} HTTP/1.1", await GetAsync(host, isSecure, "/", Headers));
    }

    // The application answers at /closed: whatever else leads there must be denied as that is, or lead nowhere.
    [Theory]
    [InlineData("/closed")]
    [InlineData("/closed?a=b")]
    [InlineData("/closed#a")]
    [InlineData("/%63losed")]
    [InlineData("/%2563losed")]
    [InlineData("/./closed")]
    [InlineData("/x/../closed")]
    [InlineData("/x/%2e%2e/closed")]
    [InlineData("/x/%2E./closed")]
    [InlineData("/x/y/../../closed")]
    [InlineData("/../closed")]
    [InlineData("/.//closed")]
    [InlineData("//closed")]
    [InlineData("/\\closed")]
    [InlineData("\\closed")]
    [InlineData("/x\\..\\closed")]
    [InlineData("/x/..\\closed")]
    [InlineData("/x/..%2fclosed")]
    [InlineData("/x%2f..%2fclosed")]
    [InlineData("/x/..%5cclosed")]
    [InlineData("/%2e/closed")]
    [InlineData("/closed/.")]
    [InlineData("/closed/x/..")]
    [InlineData("/closed%00")]
    [InlineData("/closed%20")]
    [InlineData("/closed/")]
    [InlineData("http://backend/closed")]
    [InlineData("http://backend/x/../closed")]
    [InlineData("http://other/closed")]
    [InlineData("HTTP://backend/%63losed?q")]
    [InlineData("//backend/closed")]
    public async Task No_other_spelling_leads_past_a_policy(string target)
    {
        var closed = 0;
        await using var host = await StartAsync(
            AuthorizationPolicies.Of("closed", "action: DENY, rules: [{ to: [{ operation: { paths: [/closed, /closed/] } }] }]"),
            app => app.MapGet("/closed", context =>
            {
                Interlocked.Increment(ref closed);
                return context.Response.WriteAsync("closed");
            }));
        foreach (var isSecure in (bool[])[true, false])
        {
            Assert.DoesNotContain("closed", await GetAsync(host, isSecure, target, ""), StringComparison.Ordinal);
        }

        if (target.StartsWith('/'))
        {
            await using var tls = await Dial.TlsAsync(host.Mixed, _client, protocols: "h2");
            var http = new Http2(tls);
            await http.OpenAsync();
            await Refusal.OrAnswerAsync(() => http.SendAsync(Http2.HeadOf(target, isGrpc: false, "https")));
        }

        Assert.Equal(0, Volatile.Read(ref closed));
    }

    [Theory]
    [InlineData("Host: closed.example\r\n")]
    [InlineData("Host: CLOSED.example\r\n")]
    [InlineData("Host: open.example\r\nHost: closed.example\r\n")]
    [InlineData("Host: open.example\r\nX-Forwarded-Host: closed.example\r\n")]
    [InlineData("Host:\tclosed.example \r\n")]
    public async Task No_other_spelling_of_a_host_leads_past_a_policy(string hosts)
    {
        await using var host = await StartAsync(AuthorizationPolicies.Of("closed", "action: DENY, rules: [{ to: [{ operation: { hosts: [closed.example] } }] }]"), static app =>
            app.Use(static (context, next) => context.Request.Host.Host.Equals("closed.example", StringComparison.OrdinalIgnoreCase) ? context.Response.WriteAsync("closed") : next(context)));
        await using var tls = await Dial.TlsAsync(host.Mixed, _client, protocols: "http/1.1");
        await tls.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n"));
        Assert.DoesNotContain("closed", await Http1.ReadToEndAsync(tls), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Permissive")]
    [InlineData("Strict")]
    [InlineData("Disable")]
    public async Task HTTP2_in_plaintext_where_HTTP1_is_spoken_too_is_not_served(string mode)
    {
        await using var host = await EchoHost.StartAsync(_authority.Issue("spiffe://cluster.local/ns/shop/sa/backend"), Enum.Parse<PeerAuthenticationMode>(mode));
        await using var connection = await Dial.PlaintextAsync(host.Mixed);
        await connection.WriteAsync((byte[])[.. Http2.Opening, .. Http2.Request(1, Http2.HeadOf("/attack", isGrpc: false, "http"))]);
        string answer;
        try
        {
            answer = await Http1.ReadToEndAsync(connection);
        }
        catch (IOException)
        {
            answer = "";
        }

        Assert.Equal(0, host.Echo.RequestsTo("/attack"));
        if (mode == "Strict")
        {
            Assert.Equal("", answer);
        }
    }

    private Task<EchoHost> StartAsync(string policies = "", Action<WebApplication>? application = null, Action<IServiceCollection>? services = null) =>
        EchoHost.StartAsync(_authority.Issue("spiffe://cluster.local/ns/shop/sa/backend"), manifests: policies, application: application, services: services);

    private async Task<string> GetAsync(EchoHost host, bool isSecure, string target, string headers) => (await Refusal.OrAnswerAsync(async () =>
    {
        await using Stream connection = isSecure ? await Dial.TlsAsync(host.Mixed, _client, protocols: "http/1.1") : await Dial.PlaintextAsync(host.Mixed);
        return await Http1.GetAsync(connection, target, headers);
    })).Text;
}
