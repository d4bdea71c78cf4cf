using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Sources;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Runtime;

/// <summary>A source can wait until what it said is in force.</summary>
public sealed class InForceTests : IAsyncDisposable
{
    private readonly ScriptedSource _source = new();
    private readonly RecordingSink _sink = new();
    private readonly FakeTimeProvider _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _first = Notice();
    private readonly TaskCompletionSource _second = Notice();

    public async ValueTask DisposeAsync()
    {
        _stop.Dispose();
        await _source.DisposeAsync();
    }

    [Fact]
    public async Task It_is_told_after_the_publish_that_holds_the_event()
    {
        var running = Run(_source);
        _source.Send(Event("backend", _first));
        await Eventually.HoldsAsync(() => _source.Unread == 0);
        Assert.False(_first.Task.IsCompleted, "half a configuration is not in force");

        _source.Send(Event("other", _second) with { Synced = true });
        await Task.WhenAll(_first.Task, _second.Task).WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);
        Assert.Equal(2, Assert.Single(_sink.Published).Services.Count);

        // An event that changes nothing too: all before it is in force.
        var third = Notice();
        _source.Send(new ResourceEvent { InForce = third });
        await third.Task.WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);
        await EndAsync(running);
    }

    [Fact]
    public async Task It_waits_for_an_attempt_that_succeeds()
    {
        var running = Run(_source);
        _sink.Fault = new InvalidOperationException("marked");
        _source.Send(Event("backend", _first) with { Synced = true });
        await Eventually.HoldsAsync(() => _sink.Failures > 0);
        Assert.False(_first.Task.IsCompleted);

        _sink.Fault = null;
        await Eventually.HoldsAsync(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            return _first.Task.IsCompletedSuccessfully;
        });
        Assert.Single(_sink.Published);
        await EndAsync(running);
    }

    [Fact]
    public async Task At_the_end_nobody_waits_any_longer()
    {
        var late = new ScriptedSource();
        var running = Run(_source, late);
        _source.Send(Event("backend", _first) with { Synced = true });
        await Eventually.HoldsAsync(() => _source.Unread == 0);
        await EndAsync(running);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _first.Task.WaitAsync(MeshUnderTest.Patience));
    }

    [Fact]
    public async Task What_nobody_has_read_is_told_at_the_end_too()
    {
        using var blocked = new ManualResetEventSlim();
        var sink = new RecordingSink { BeforeFirst = blocked };
        await using var snapshots = new ResourceSnapshotSource([_source], new CallerContext(), _time);
        var running = Task.Run(() => snapshots.RunAsync(sink, _stop.Token));
        _source.Send(Event("backend", _first) with { Synced = true });
        await Eventually.HoldsAsync(() => sink.Waiting);

        // More than the channel in between holds: the last ones stay with the source.
        var notices = Enumerable.Range(0, 1000).Select(static _ => Notice()).ToArray();
        Array.ForEach(notices, notice => _source.Send(new ResourceEvent { InForce = notice }));
        await _stop.CancelAsync();
        blocked.Set();
        await running.WaitAsync(MeshUnderTest.Patience);
        Assert.All(notices.Append(_first), static notice => Assert.True(notice.Task.IsCompleted));
        Assert.Contains(notices, static notice => notice.Task.IsCanceled);
    }

    private static TaskCompletionSource Notice() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static ResourceEvent Event(string service, TaskCompletionSource notice) =>
        ScriptedSource.Event(Manifests.Service(service, Manifests.Pod(1))) with { InForce = notice };

    private Task Run(params IResourceSource[] sources) => Task.Run(async () =>
    {
        await using var snapshots = new ResourceSnapshotSource(sources, new CallerContext(), _time);
        await snapshots.RunAsync(_sink, _stop.Token);
    });

    private async Task EndAsync(Task running)
    {
        await _stop.CancelAsync();
        await running.WaitAsync(MeshUnderTest.Patience);
    }
}
