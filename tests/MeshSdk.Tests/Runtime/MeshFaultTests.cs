using System.Net;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Runtime;

/// <summary>Faults in the loop that puts configuration in force.</summary>
public sealed class MeshFaultTests
{
    private static readonly string Backend = Manifests.Service("backend", Manifests.Pod(1));
    private static readonly string Other = Manifests.Service("other", Manifests.Pod(2));

    [Fact]
    public async Task A_change_that_cannot_be_put_in_force_is_in_the_next_attempt_again()
    {
        var source = new ScriptedSource();
        var sink = new RecordingSink();
        await RunAsync(source, sink, async time =>
        {
            source.Sync(Backend);
            await Eventually.HoldsAsync(() => sink.SyncedCount == 1);

            sink.Fault = new InvalidOperationException("marked");
            source.Send(Manifests.Service("backend", Manifests.Pod(3)));
            await Eventually.HoldsAsync(() => sink.Failures == 1);
            source.Send(Other);
            await Eventually.HoldsAsync(() => sink.Failures == 2);

            sink.Fault = null;
            source.Delete("Service", "other");
            await Eventually.HoldsAsync(() => sink.Published.Count == 2);
            Assert.Equal([["backend"], ["backend"], ["backend", "other"], ["backend", "other"]], sink.Changed);
            Assert.Equal([1, 2], sink.Published.Select(static snapshot => snapshot.Revision));
            Assert.Single(sink.Published[1].Services);
        });
    }

    [Fact]
    public async Task Without_another_event_it_is_tried_again_after_a_while_that_grows()
    {
        var source = new ScriptedSource();
        var sink = new RecordingSink { Fault = new InvalidOperationException("marked") };
        await RunAsync(source, sink, async time =>
        {
            source.Sync(Backend);
            await Eventually.HoldsAsync(() => sink.Failures == 1);
            Assert.Equal(0, sink.SyncedCount);
            await AttemptsAsync(time, sink, after: TimeSpan.FromSeconds(1), attempts: 2);
            await AttemptsAsync(time, sink, after: TimeSpan.FromSeconds(2), attempts: 3);

            sink.Fault = null;
            time.Advance(TimeSpan.FromSeconds(4));
            await AdvanceUntilAsync(time, () => sink.SyncedCount == 1);
            Assert.Single(sink.Published);
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_last_change_of_a_source_that_has_ended_is_tried_again_too(bool withFault)
    {
        var source = new ScriptedSource();
        var sink = new RecordingSink { Fault = new InvalidOperationException("marked") };
        await RunAsync(source, sink, async time =>
        {
            source.Sync(Backend);
            source.End(withFault ? new InvalidOperationException("gone") : null);
            await Eventually.HoldsAsync(() => sink.Failures == 1);
            sink.Fault = null;
            await AdvanceUntilAsync(time, () => sink.SyncedCount == 1);
        }, withFault ? "gone" : null);
    }

    [Fact]
    public async Task A_logger_that_throws_stops_neither_the_start_nor_a_change()
    {
        var source = new ScriptedSource();
        source.Sync(Backend + Manifests.Route("backend", ("missing", 1)));
        using var loggers = LoggerFactory.Create(static builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(new Throwing()));
        await using var mesh = new Mesh(
            new MeshEnvironment(new MeshOptions { TransportFactory = new EchoTransports(), Security = MeshSecurity.Off }) { Loggers = loggers }, [source]);
        await mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken).WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);
        source.Delete("HTTPRoute", "backend-split");
        await Eventually.HoldsAsync(() => mesh.Revision == 2);
        using var client = mesh.CreateClient();
        Assert.Equal("10.0.0.1:8080", await client.GetStringAsync("http://backend/", TestContext.Current.CancellationToken));
        Assert.Null(mesh.Runtime.Failure);
    }

    [Fact]
    public async Task What_a_torn_publish_has_put_in_force_goes_with_the_next_one()
    {
        var backend = Snapshots.Service("backend");
        await using var mesh = await TestMesh.StartAsync(backend);
        var renamed = backend with { Hosts = backend.Hosts.Add("alias") };
        var comes = Snapshots.Service("comes", new IPEndPoint(IPAddress.Loopback, 1));
        var breaks = Snapshots.Service("breaks") with { Frontends = [null!] };
        var before = mesh.Runtime.Snapshot;
        Assert.ThrowsAny<Exception>(
            () => mesh.Runtime.Publish(Snapshots.Snapshot(2, [renamed, comes, breaks]), [renamed.Id, comes.Id, breaks.Id]));
        Assert.Same(before, mesh.Runtime.Snapshot);
        var endpoint = mesh.Endpoint("http://comes/");

        mesh.Runtime.Publish(Snapshots.Snapshot(3, [backend]), [backend.Id, comes.Id, breaks.Id]);

        Assert.Equal(3, mesh.Runtime.Snapshot.Revision);
        Assert.Null(mesh.Runtime.Engine.FindFrontend(new Uri("http://comes/")));
        Assert.Null(mesh.Runtime.Engine.FindFrontend(new Uri("http://alias/")));
        Assert.True(endpoint.IsRetired);
        Assert.NotNull(mesh.Runtime.Engine.FindFrontend(new Uri("http://backend/")));
    }

    [Fact]
    public async Task A_call_that_waits_in_vain_for_a_configuration_that_cannot_be_put_in_force_is_told_why()
    {
        await using var mesh = new MeshUnderTest();
        var call = mesh.GetAsync();
        await Eventually.HoldsAsync(() => mesh.Source.Started == 1);
        mesh.Mesh.Runtime.Failed(new InvalidOperationException("marked"));
        mesh.Time.Advance(TimeSpan.FromSeconds(10));
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => call);
        Assert.Contains("could not put its configuration in force within 10 s (Mesh:Startup:Timeout): marked", error.Message, StringComparison.Ordinal);
    }

    private static async Task AttemptsAsync(FakeTimeProvider time, RecordingSink sink, TimeSpan after, int attempts)
    {
        var begin = time.GetUtcNow();
        await AdvanceUntilAsync(time, () => sink.Failures == attempts);
        Assert.True(time.GetUtcNow() - begin >= after, $"attempt {attempts} came after {time.GetUtcNow() - begin}");
    }

    // The timer may not yet be there when the failure is seen; small steps find it whenever it comes.
    private static Task AdvanceUntilAsync(FakeTimeProvider time, Func<bool> condition) => Eventually.HoldsAsync(() =>
    {
        if (condition())
        {
            return true;
        }

        time.Advance(TimeSpan.FromMilliseconds(250));
        return false;
    });

    private static async Task RunAsync(ScriptedSource source, RecordingSink sink, Func<FakeTimeProvider, Task> test, string? fault = null)
    {
        var time = new FakeTimeProvider();
        await using var snapshots = new ResourceSnapshotSource([source], new CallerContext(), time);
        using var stop = new CancellationTokenSource();
        var running = Task.Run(() => snapshots.RunAsync(sink, stop.Token));
        await test(time);
        await stop.CancelAsync();
        var error = await Record.ExceptionAsync(() => running.WaitAsync(MeshUnderTest.Patience));
        Assert.Equal(fault, error?.Message);
    }

    private sealed class Throwing : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            throw new InvalidOperationException("the disk of the log is full");

        public void Dispose()
        {
        }
    }
}
