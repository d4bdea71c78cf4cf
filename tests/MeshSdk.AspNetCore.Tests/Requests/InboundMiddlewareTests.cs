using MeshSdk.AspNetCore.Connections;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Sources;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace MeshSdk.AspNetCore.Tests.Requests;

/// <summary>What becomes of a request, by what is known of its connection.</summary>
public sealed class InboundMiddlewareTests : IDisposable
{
    private const string Forwarded = "x-forwarded-client-cert";

    private readonly MeshCertificateAuthority _authority = new();

    [Theory]
    [InlineData("/health", 200)]
    [InlineData("/health/", 200)]
    [InlineData("/health/live", 200)]
    [InlineData("/metrics", 200)]
    [InlineData("/healthier", 404)]
    [InlineData("/Health", 404)]
    [InlineData("/", 404)]
    [InlineData("", 404)]
    [InlineData("/orders/health", 404)]
    [InlineData("/health%2F..%2Forders", 404)]
    public async Task A_port_for_probes_answers_some_paths_alone(string path, int status)
    {
        await using var host = await MemoryHost.StartAsync(static options => options.Mode = PeerAuthenticationMode.Strict);

        var answer = await host.Server.SendAsync(path, MemoryServer.Connection(isExempt: true), static (request, _) => request.Headers[Forwarded] = "Hash=00");

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 200 ? "http " : "", answer.Body);
    }

    // What a server hands on as the path of what was sent: it does not resolve dots in a target that is a whole URL, nor beside an escaped slash.
    [Theory]
    [InlineData("/health/live?q=%2e%2e/..", "/health/live", 200)]
    [InlineData("http://x/health", "/health", 404)]
    [InlineData("http://x/health/..%2Fadmin", "/health/../admin", 404)]
    [InlineData("*", "", 404)]
    [InlineData("/health/..%2Fadmin", "/health/..%2Fadmin", 404)]
    [InlineData("/health/..\\admin", "/health/..\\admin", 404)]
    [InlineData("/health/%5Cadmin", "/health/\\admin", 404)]
    [InlineData("/health/../health", "/health", 404)]
    [InlineData("/health/./live", "/health/live", 404)]
    [InlineData("/health/..", "/health/..", 404)]
    [InlineData("/health/.", "/health/.", 404)]
    [InlineData("/health/%6cive", "/health/live", 404)]
    [InlineData("/health", "/health/../admin", 404)]
    [InlineData("/health/..live/...", "/health/..live/...", 200)]
    public async Task A_path_that_may_be_read_as_another_is_none_for_probes(string target, string path, int status)
    {
        await using var host = await MemoryHost.StartAsync();

        var answer = await host.Server.SendAsync(path, MemoryServer.Connection(isExempt: true), (request, _) => request.RawTarget = target);

        Assert.Equal(status, answer.Status);
    }

    [Theory]
    [InlineData("/live", "/live/now", 200)]
    [InlineData("/live/", "/live", 200)]
    [InlineData("/live", "/health", 404)]
    [InlineData("/", "/anything", 200)]
    public async Task Which_paths_these_are_can_be_chosen(string allowed, string path, int status)
    {
        await using var host = await MemoryHost.StartAsync(options => options.PlaintextPaths.Add(allowed));

        Assert.Equal(status, (await host.Server.SendAsync(path, MemoryServer.Connection(isExempt: true))).Status);
    }

    [Theory]
    [InlineData(PeerAuthenticationMode.Strict, false, 403)]
    [InlineData(PeerAuthenticationMode.Strict, true, 200)]
    [InlineData(PeerAuthenticationMode.Disable, false, 200)]
    [InlineData(PeerAuthenticationMode.Disable, true, 403)]
    [InlineData(PeerAuthenticationMode.Permissive, false, 200)]
    [InlineData(PeerAuthenticationMode.Permissive, true, 200)]
    public async Task A_connection_that_is_not_allowed_any_more_ends_with_a_refusal(PeerAuthenticationMode mode, bool isSecure, int status)
    {
        await using var host = await MemoryHost.StartAsync(options => options.Mode = mode);
        var lifetime = new Lifetime();

        var answer = await host.Server.SendAsync(
            "/", MemoryServer.Connection(peer: isSecure ? _authority.Issue("spiffe://cluster.local/ns/web/sa/client") : null),
            (_, features) => features.Set<IConnectionLifetimeNotificationFeature>(lifetime));

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 403, lifetime.IsClosing);
        Assert.Equal(status == 403, answer.Body == "RBAC: access denied");
    }

    [Theory]
    [InlineData(PeerAuthenticationMode.Strict, 403)]
    [InlineData(PeerAuthenticationMode.Permissive, 200)]
    public async Task A_server_that_has_no_connections_is_called_in_plaintext(PeerAuthenticationMode mode, int status)
    {
        await using var host = await MemoryHost.StartAsync(options => options.Mode = mode);

        var answer = await host.Server.SendAsync("/", connection: null, static (request, _) => request.Headers[Forwarded] = "Hash=00");

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 200 ? "gopher " : "RBAC: access denied", answer.Body);
    }

    [Theory]
    [InlineData("PERMISSIVE", 8443, "STRICT", 403)]
    [InlineData("PERMISSIVE", 8080, "STRICT", 200)]
    [InlineData("STRICT", 8443, "PERMISSIVE", 200)]
    [InlineData("STRICT", 8080, "PERMISSIVE", 403)]
    public async Task What_has_no_connection_of_the_mesh_is_asked_what_its_port_is(string mode, int port, string portMode, int status)
    {
        using var logs = new FakeLoggerProvider();
        var source = new InMemorySource();
        source.Apply(PeerAuthentications.Workload(mode, (8443, portMode)));
        await using var host = await MemoryHost.StartAsync(
            mesh: options =>
            {
                options.InMemory = source;
                options.Labels["app"] = "backend";
            },
            before: services => services.AddLogging(log => log.AddProvider(logs)),
            application: static app =>
            {
                // The application writes another port there, too late.
                app.Use(static (context, next) =>
                {
                    context.Connection.LocalPort = 1;
                    return next(context);
                });
                app.Run(static _ => Task.CompletedTask);
            });

        var answer = await host.Server.SendAsync(
            "/", connection: null, (_, features) => features.Set<IHttpConnectionFeature>(new HttpConnectionFeature { LocalPort = port }));

        Assert.Equal(status, answer.Status);
        Assert.Equal(
            status == 403 ? 1 : 0,
            logs.Collector.GetSnapshot().Count(static line => line.Id.Name == "RequestRefused" && line.Message.Contains("PeerAuthentication shop/backend", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_is_said_of_the_connection_is_true()
    {
        var client = _authority.Issue("spiffe://cluster.local/ns/web/sa/client", new MeshTestCertificateOptions { Subject = "O=Web \"x\"" });
        await using var host = await MemoryHost.StartAsync(identity: _authority.Issue("spiffe://cluster.local/ns/shop/sa/backend"));
        var connection = MemoryServer.Connection(peer: client);

        var secure = await SendAsync(connection);
        var again = await SendAsync(connection);
        var plain = await SendAsync(MemoryServer.Connection());

        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(client.Certificate.RawData));
        var subject = client.Certificate.SubjectName.Name.Replace("\"", "\\\"", StringComparison.Ordinal);
        Assert.Equal(
            $"https By=spiffe://cluster.local/ns/shop/sa/backend;Hash={hash};Subject=\"{subject}\";URI=spiffe://cluster.local/ns/web/sa/client", secure.Body);
        Assert.Equal("http ", plain.Body);

        // The text is made once for the connection.
        Assert.Same(secure.Request.Headers[Forwarded].ToString(), again.Request.Headers[Forwarded].ToString());

        Task<MemoryServer.Answer> SendAsync(InboundConnection from) => host.Server.SendAsync("/", from, static (request, _) =>
        {
            request.Headers[Forwarded] = new(["Hash=00;URI=spiffe://cluster.local/ns/web/sa/admin", "Hash=01"]);
            request.Headers["X-Forwarded-Proto"] = "ftp";
        });
    }

    [Fact]
    public async Task Tls_of_the_applications_own_is_https_and_proves_nobody()
    {
        await using var host = await MemoryHost.StartAsync();

        var answer = await host.Server.SendAsync("/", MemoryServer.Connection(), static (request, features) =>
        {
            request.Scheme = "http";
            request.Headers[Forwarded] = "Hash=00";
            features.Set(System.Reflection.DispatchProxy.Create<ITlsHandshakeFeature, Anything>());
        });

        Assert.Equal("https ", answer.Body);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nobody_is_served_while_it_is_not_known_who_may_be(bool isGrpc)
    {
        using var logs = new FakeLoggerProvider();
        await using var host = await MemoryHost.StartAsync(
            mesh: static options =>
            {
                options.InMemory = null;
                options.Startup.Timeout = TimeSpan.FromMilliseconds(1);
            },
            before: services => services.AddSingleton<IResourceSource, SilentSource>().AddLogging(log => log.AddProvider(logs)));

        for (var i = 0; i < 20; i++)
        {
            var answer = await host.Server.SendAsync("/orders\r\nforged", MemoryServer.Connection(), (request, _) =>
                request.Headers.ContentType = isGrpc ? "application/grpc+proto" : "text/html");

            if (isGrpc)
            {
                Assert.Equal((200, "14", "mesh: not ready", ""), (answer.Status, answer.Headers.GrpcStatus.ToString(), answer.Headers.GrpcMessage.ToString(), answer.Body));
            }
            else
            {
                Assert.Equal((503, "mesh: not ready"), (answer.Status, answer.Body));
            }
        }

        var line = Assert.Single(logs.Collector.GetSnapshot(), static line => line.Level == LogLevel.Warning && line.Id.Name == "RequestRefused");
        Assert.Equal(
            "Refused GET /orders  forged for no host at port 8080, of a caller without identity at 10.1.2.3: the mesh has not received its configuration yet", line.Message);
    }

    [Fact]
    public async Task A_server_behind_a_sidecar_leaves_everything_to_it()
    {
        await using var host = await MemoryHost.StartAsync(
            static options => options.Mode = PeerAuthenticationMode.Strict, static options => options.DataPlane = MeshDataPlane.Sidecar);

        var answer = await host.Server.SendAsync("/", MemoryServer.Connection(), static (request, _) => request.Headers[Forwarded] = "Hash=00");

        Assert.Equal((200, "gopher Hash=00"), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task What_came_past_a_sidecar_before_it_was_there_is_made_true_and_let_go()
    {
        using var authority = new MeshCertificateAuthority();
        await using var host = await MemoryHost.StartAsync(mesh: static options => options.DataPlane = MeshDataPlane.Sidecar);
        var connection = MemoryServer.Connection(peer: authority.Issue("spiffe://cluster.local/ns/web/sa/client"));

        var answer = await host.Server.SendAsync("/", connection, static (request, _) => request.Headers[Forwarded] = "Hash=00");

        Assert.Contains("URI=spiffe://cluster.local/ns/web/sa/client", answer.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("Hash=00", answer.Body, StringComparison.Ordinal);
        Assert.True(connection.IsToldToGo);
    }

    [Theory]
    [InlineData("/health", 200)]
    [InlineData("/admin", 404)]
    public async Task A_port_for_probes_is_one_behind_a_sidecar_too(string path, int status)
    {
        await using var host = await MemoryHost.StartAsync(mesh: static options => options.DataPlane = MeshDataPlane.Sidecar);

        var answer = await host.Server.SendAsync(path, MemoryServer.Connection(isExempt: true), static (request, _) => request.Headers[Forwarded] = "Hash=00");

        Assert.Equal((status, status == 200), (answer.Status, answer.Body.StartsWith("gopher", StringComparison.Ordinal)));
        Assert.DoesNotContain("Hash=00", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PeerAuthenticationMode.Strict, false, "mode")]
    [InlineData(PeerAuthenticationMode.Permissive, true, "path")]
    public async Task Refusals_are_counted_by_their_reason(PeerAuthenticationMode mode, bool isExempt, string reason)
    {
        await using var host = await MemoryHost.StartAsync(options => options.Mode = mode);
        using var refusals = new MetricCollector<long>(
            host.App.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), "MeshSdk", "mesh.server.refusals");

        await host.Server.SendAsync("/orders", MemoryServer.Connection(isExempt: isExempt));

        var measurement = Assert.Single(refusals.GetMeasurementSnapshot());
        Assert.Equal((1, reason), (measurement.Value, measurement.Tags["reason"]));
    }

    public void Dispose() => _authority.Dispose();

    public class Anything : System.Reflection.DispatchProxy
    {
        protected override object? Invoke(System.Reflection.MethodInfo? targetMethod, object?[]? args) => throw new NotSupportedException();
    }

    private sealed class Lifetime : IConnectionLifetimeNotificationFeature
    {
        public bool IsClosing { get; private set; }

        public CancellationToken ConnectionClosedRequested { get; set; }

        public void RequestClose() => IsClosing = true;
    }
}
