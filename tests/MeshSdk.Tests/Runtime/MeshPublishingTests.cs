using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Sources;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Tests.Runtime;

public sealed class MeshPublishingTests
{
    private static readonly string Backend = Manifests.Service("backend", Manifests.Pod(1));

    [Fact]
    public async Task Events_that_pile_up_become_one_snapshot()
    {
        var source = new ScriptedSource();
        await using var snapshots = new ResourceSnapshotSource([source], new CallerContext(), TimeProvider.System);
        var sink = new RecordingSink { BeforeFirst = new ManualResetEventSlim() };
        using var stop = new CancellationTokenSource();
        var running = Task.Run(() => snapshots.RunAsync(sink, stop.Token));
        source.Sync(Backend);
        await Eventually.HoldsAsync(() => sink.Waiting);
        for (var i = 0; i < 100; i++)
        {
            source.Send(Manifests.Service($"s{i}", Manifests.Pod(i + 2)));
        }

        // The pump has moved all of them on before the sink is let go.
        await Eventually.HoldsAsync(() => source.Unread == 0);
        sink.BeforeFirst.Set();
        await Eventually.HoldsAsync(() => sink.Published.Count > 0 && sink.Published[^1].Services.Count == 101);
        Assert.True(sink.Published.Count <= 3, $"{sink.Published.Count} snapshots");
        Assert.Equal(1, sink.SyncedCount);

        await stop.CancelAsync();
        await running.WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_last_snapshot_stays_in_force_when_the_source_is_gone(bool withFault)
    {
        await using var mesh = await MeshUnderTest.ReadyAsync(Backend);
        mesh.Source.End(withFault ? new InvalidOperationException("connection lost for good") : null);
        if (withFault)
        {
            await Eventually.HoldsAsync(() => mesh.Logged("SourceLost").Count == 1);
            Assert.Contains("connection lost for good", Assert.Single(mesh.Logged("SourceLost")), StringComparison.Ordinal);
        }

        Assert.Equal("10.0.0.1:8080", await mesh.GetAsync());
        Assert.Equal(MeshStatus.Ready, mesh.Mesh.Status);
        Assert.Empty(mesh.Logged("CannotStart"));
    }

    [Fact]
    public async Task A_problem_is_told_once_and_once_more_when_it_is_solved()
    {
        await using var mesh = await MeshUnderTest.ReadyAsync(Backend + Manifests.Route("backend", ("missing", 1)));
        var problem = Assert.Single(mesh.Logged("Problem"));
        Assert.Contains("HTTPRoute default/backend-split spec.rules[0].backendRefs[0]", problem, StringComparison.Ordinal);
        Assert.Contains(mesh.Mesh.Diagnostics, d => d.Subject == "HTTPRoute default/backend-split" && d.Code == "BackendNotFound");

        // The service changes, its problem does not.
        mesh.Source.Send(Manifests.Service("backend", Manifests.Pod(1), Manifests.Pod(2)));
        await mesh.PublishedAfterAsync(1);
        mesh.Source.Send(Manifests.Service("missing", Manifests.Pod(3)));
        await mesh.PublishedAfterAsync(2);
        await Eventually.HoldsAsync(() => mesh.Logged("Solved").Count > 0);
        Assert.Single(mesh.Logged("Problem"));
        Assert.Equal("Solved: HTTPRoute default/backend-split spec.rules[0].backendRefs[0] [BackendNotFound]", Assert.Single(mesh.Logged("Solved")));
        Assert.Empty(mesh.Mesh.Diagnostics);
    }

    [Fact]
    public async Task A_problem_that_belongs_to_no_service_is_told_too()
    {
        await using var mesh = await MeshUnderTest.ReadyAsync(Manifests.Route("backend", ("backend", 1)));
        Assert.Contains("NoMatchingParent", Assert.Single(mesh.Logged("Problem")), StringComparison.Ordinal);
        Assert.Equal("NoMatchingParent", Assert.Single(mesh.Mesh.Diagnostics).Code);
    }

    [Fact]
    public async Task What_a_source_cannot_read_is_told_too_and_stays_told_beside_what_the_compiler_finds()
    {
        await using var mesh = await MeshUnderTest.ReadyAsync(Manifests.Route("backend", ("backend", 1)));
        var problem = new MeshDiagnostic(DiagnosticSeverity.Error, "InvalidManifest", "a.yaml", "", "it is broken");
        mesh.Source.Send(new ResourceEvent { Problems = [problem] });
        await mesh.PublishedAfterAsync(1);
        Assert.Equal(["InvalidManifest", "NoMatchingParent"], mesh.Mesh.Diagnostics.Select(static d => d.Code));

        // The next event says nothing of problems: they stand as they were.
        mesh.Source.Send(Backend);
        await mesh.PublishedAfterAsync(2);
        Assert.Equal(problem, Assert.Single(mesh.Mesh.Diagnostics));

        mesh.Source.Send(new ResourceEvent { Problems = [] });
        await mesh.PublishedAfterAsync(3);
        await Eventually.HoldsAsync(() => mesh.Logged("Solved").Count == 2);
        Assert.Empty(mesh.Mesh.Diagnostics);
        Assert.Equal(2, mesh.Logged("Problem").Count);
    }

    [Fact]
    public async Task Event_ids_are_stable()
    {
        await using var mesh = await MeshUnderTest.ReadyAsync(
            Backend + Manifests.Route("backend", ("missing", 1)), new MeshOptions { Security = MeshSecurity.Off });
        mesh.Source.Delete("HTTPRoute", "backend-split");
        await mesh.PublishedAfterAsync(1);
        mesh.Mesh.Runtime.Failed(new InvalidOperationException("marked"));
        mesh.Source.End(new InvalidOperationException("gone"));
        await using var failing = new MeshUnderTest();
        failing.Source.End(new InvalidOperationException("gone"));
        await Assert.ThrowsAsync<HttpRequestException>(() => failing.GetAsync());
        await Eventually.HoldsAsync(() => mesh.Logged("SourceLost").Count == 1);

        var events = mesh.Log.GetSnapshot().Concat(failing.Log.GetSnapshot())
            .Select(static record => (record.Id.Id, record.Id.Name, record.Level)).Distinct().Order();
        Assert.Equal(
            [
                (1, "Ready", LogLevel.Information),
                (2, "CannotStart", LogLevel.Critical),
                (3, "SourceLost", LogLevel.Error),
                (4, "Published", LogLevel.Debug),
                (5, "Problem", LogLevel.Error),
                (6, "Solved", LogLevel.Information),
                (7, "SecurityOff", LogLevel.Warning),
                (8, "PublishFailed", LogLevel.Error),
                (11, "NoIdentitySource", LogLevel.Information),
            ],
            events);
    }
}
