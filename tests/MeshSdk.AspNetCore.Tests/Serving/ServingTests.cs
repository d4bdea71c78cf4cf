using System.Net;
using System.Net.Security;
using System.Threading.Channels;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Sources;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace MeshSdk.AspNetCore.Tests.Serving;

/// <summary>What the options of the client half have to do with a server, seen from its callers.</summary>
public sealed class ServingTests
{
    private const string Strict = """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: { name: backend, namespace: shop }
        spec: { selector: { matchLabels: { app: backend } }, mtls: { mode: STRICT } }
        """;

    [Theory]
    [InlineData("default", false)]
    [InlineData("kill switch", false)]
    [InlineData("plain DNS", false)]
    [InlineData("no automatic mTLS", false)]
    [InlineData("security off", true)]
    public async Task Plaintext_that_a_policy_refuses_is_taken_without_security_alone(string options, bool expected)
    {
        using var authority = new MeshCertificateAuthority();
        await using var host = await MeshHost.StartAsync(authority.Issue("spiffe://cluster.local/ns/shop/sa/backend"), manifests: Strict, mesh: mesh =>
        {
            mesh.Enabled = options != "kill switch";
            mesh.Startup.Fallback = options == "plain DNS" ? MeshStartupFallback.PlainDns : MeshStartupFallback.Fail;
            mesh.AutoMtls = options == "no automatic mTLS" ? MeshAutoMtls.Off : MeshAutoMtls.WhenIdentity;
            mesh.Security = options == "security off" ? MeshSecurity.Off : MeshSecurity.On;
        });

        using var plaintext = new HttpClient();
        var answer = await Record.ExceptionAsync(() => plaintext.GetStringAsync(new Uri($"http://{host.EndPoint}/"), TestContext.Current.CancellationToken));
        Assert.Equal(expected, answer is null);

        // Who comes by mutual TLS is welcome, unless there is no identity to show for want of security.
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [authority.Issue("spiffe://cluster.local/ns/web/sa/client").ToIdentity().Certificate],
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            },
        };
        using var secure = new HttpClient(handler);
        var call = secure.GetStringAsync(new Uri($"https://{host.EndPoint}/"), TestContext.Current.CancellationToken);
        if (expected)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => call);
        }
        else
        {
            Assert.StartsWith("spiffe://cluster.local/ns/web/sa/client ", await call, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(true, MeshStartupFallback.Fail)]
    [InlineData(true, MeshStartupFallback.PlainDns)]
    [InlineData(false, MeshStartupFallback.Fail)]
    public async Task Until_it_is_known_who_may_call_nobody_is_answered_and_then_all_are(bool enabled, MeshStartupFallback fallback)
    {
        var source = new LateSource();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseMeshIdentity().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore().AddSingleton<IResourceSource>(source).AddHealthChecks().AddMesh();
        builder.Services.AddMesh(mesh => mesh.Configure(options =>
        {
            options.Enabled = enabled;
            options.Startup.Fallback = fallback;
            options.Startup.Timeout = TimeSpan.Zero;
            options.Identity.Detect = false;
        }));
        await using var app = builder.Build();
        app.Run(static context => context.Response.WriteAsync("welcome"));
        await app.StartAsync(TestContext.Current.CancellationToken);
        var health = app.Services.GetRequiredService<HealthCheckService>();

        using var http = new HttpClient();
        var uri = new Uri(app.Urls.First());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync(uri, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync(TestContext.Current.CancellationToken)).Status);

        var inForce = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        source.Send(new ResourceEvent { Synced = true, InForce = inForce });
        await inForce.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal("welcome", await http.GetStringAsync(uri, TestContext.Current.CancellationToken));
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync(TestContext.Current.CancellationToken)).Status);
        await app.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A source that says what it has when it is told to.</summary>
    private sealed class LateSource : IResourceSource
    {
        private readonly Channel<ResourceEvent> _events = Channel.CreateUnbounded<ResourceEvent>();

        public string Name => "late";

        public void Send(ResourceEvent next) => _events.Writer.TryWrite(next);

        public ChannelReader<ResourceEvent> Start(CancellationToken cancellationToken) => _events.Reader;

        public ValueTask DisposeAsync()
        {
            _events.Writer.TryComplete();
            return ValueTask.CompletedTask;
        }
    }
}
