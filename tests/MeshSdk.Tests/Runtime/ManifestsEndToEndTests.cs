using System.Net;
using MeshSdk.DependencyInjection;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace MeshSdk.Tests.Runtime;

/// <summary>From files on disk to bytes on sockets, through the public API.</summary>
public sealed class ManifestsEndToEndTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mesh-").FullName;

    [Fact]
    public async Task Calls_follow_a_weight_that_is_changed_on_disk_and_survive_a_broken_file()
    {
        await using var one = await TestServer.SayingAsync("one");
        await using var two = await TestServer.SayingAsync("two");
        Write("services.yaml", Manifests.Service("backend") + Manifests.Service("one", one.EndPoint) + Manifests.Service("two", two.EndPoint));
        Write("route.yaml", Manifests.Route("backend", ("one", 100), ("two", 0)));

        var log = FakeLogCollector.Create(new FakeLogCollectorOptions());
        using var loggers = LoggerFactory.Create(builder => builder.AddProvider(new FakeLoggerProvider(log)));
        await using var mesh = await Mesh.StartAsync(
            new MeshOptions { Manifests = { _directory } }, loggers, TestContext.Current.CancellationToken);
        using var client = mesh.CreateClient();
        Assert.Equal(["one"], await AnswersAsync(client));
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(mesh));

        Write("route.yaml", Manifests.Route("backend", ("one", 0), ("two", 100)));
        await EventuallyAnswersAsync(client, "two");

        Write("route.yaml", "spec: [");
        await Eventually.HoldsAsync(() => mesh.Diagnostics.Count > 0);
        Assert.Equal(HealthStatus.Degraded, await HealthAsync(mesh));
        Assert.Equal(["two"], await AnswersAsync(client));
        Assert.Contains("route.yaml", Assert.Single(mesh.Diagnostics).ToString(), StringComparison.Ordinal);

        // One clear line, not one from each who notices.
        await Eventually.HoldsAsync(() => log.GetSnapshot().Any(static r => r.Level >= LogLevel.Warning));
        Assert.Contains("route.yaml", Assert.Single(log.GetSnapshot(), static r => r.Level >= LogLevel.Warning).Message, StringComparison.Ordinal);

        Write("route.yaml", Manifests.Route("backend", ("one", 1), ("two", 1)));
        await Eventually.HoldsAsync(() => mesh.Diagnostics.Count == 0);
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(mesh));
        await Eventually.HoldsAsync(() => mesh.Runtime.Snapshot.Revision >= 4);
        Assert.Equal(["one", "two"], await AnswersAsync(client));
    }

    [Theory]
    [InlineData("trafficPolicy: {tls: ISTIO_MUTUAL}")]
    [InlineData("trafficPolicy: {tls: {mode: ISTIO_MUTUAL}, loadBalancer: ROUND_ROBIN}")]
    [InlineData("trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}\n  exportTo: '*'")]
    [InlineData("trafficPolicy: {tls: {mode: ISTIO_MUTUAL}")]
    public async Task A_policy_that_cannot_be_read_at_the_start_never_means_plaintext(string policy)
    {
        await using var server = await TestServer.SayingAsync("one");
        Write("services.yaml", Manifests.Service("backend", server.EndPoint) + Manifests.Service("other", server.EndPoint));
        Write("policy.yaml", Rule("backend", policy));

        await using var mesh = await Mesh.StartAsync(new MeshOptions { Manifests = { _directory } }, cancellationToken: TestContext.Current.CancellationToken);
        using var client = mesh.CreateClient();
        using var response = await client.GetAsync("http://backend/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("one", await client.GetStringAsync("http://other/"));
        Assert.Equal(HealthStatus.Degraded, await HealthAsync(mesh));

        Write("policy.yaml", Rule("backend", "trafficPolicy: {tls: {mode: DISABLE}}"));
        await Eventually.HoldsAsync(() => mesh.Diagnostics.Count == 0);
        await EventuallyAnswersAsync(client, "one");

        // From here on there is a good version.
        Write("policy.yaml", Rule("backend", policy));
        await Eventually.HoldsAsync(() => mesh.Diagnostics.Count > 0);
        Assert.Equal("one", await client.GetStringAsync("http://backend/"));
    }

    [Fact]
    public async Task A_syntax_error_at_the_start_hides_no_policy_behind_it()
    {
        await using var server = await TestServer.SayingAsync("one");
        Write("mesh.yaml", Manifests.Service("backend", server.EndPoint) + "a: [\n---\n" + Rule("backend", "trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}"));

        await using var mesh = await Mesh.StartAsync(new MeshOptions { Manifests = { _directory } }, cancellationToken: TestContext.Current.CancellationToken);
        using var client = mesh.CreateClient();
        using var response = await client.GetAsync("http://backend/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    private static string Rule(string host, string spec) =>
        $"apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: {host}, namespace: default}}\nspec:\n  host: {host}\n  {spec}\n";

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory, name), text);

    private static async Task<string[]> AnswersAsync(HttpClient client)
    {
        var answers = new SortedSet<string>();
        for (var i = 0; i < 10; i++)
        {
            answers.Add(await client.GetStringAsync("http://backend/"));
        }

        return [.. answers];
    }

    private static async Task EventuallyAnswersAsync(HttpClient client, string expected)
    {
        // A second on a machine that has time for it, and no call fails until then.
        using var patience = new CancellationTokenSource(MeshUnderTest.Patience);
        while (await client.GetStringAsync("http://backend/", patience.Token) != expected)
        {
            await Task.Delay(5, patience.Token);
        }
    }

    private static async Task<HealthStatus> HealthAsync(Mesh mesh)
    {
        var check = new MeshHealthCheck(mesh);
        var context = new HealthCheckContext { Registration = new HealthCheckRegistration("mesh", check, null, null) };
        return (await check.CheckHealthAsync(context)).Status;
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
