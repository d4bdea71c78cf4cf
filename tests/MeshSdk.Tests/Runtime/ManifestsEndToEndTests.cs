using MeshSdk.DependencyInjection;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace MeshSdk.Tests.Runtime;

/// <summary>From files on disk to bytes on sockets, through the public API.</summary>
public sealed class ManifestsEndToEndTests : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

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
        var started = TimeProvider.System.GetTimestamp();
        while (await client.GetStringAsync("http://backend/") != expected)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Soon, "The change took longer than a second.");
            await Task.Delay(5);
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
