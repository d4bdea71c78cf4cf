using MeshSdk.Kubernetes.Connection;
using MeshSdk.Kubernetes.StatusWriting;
using MeshSdk.Kubernetes.Tests.Fixtures;
using Microsoft.Extensions.Logging.Testing;
using static MeshSdk.Kubernetes.Tests.Fixtures.KubernetesScripts;

namespace MeshSdk.Kubernetes.Tests.StatusWriting;

/// <summary>The election against a server that does what the test tells it, at the very moment that matters.</summary>
public sealed class LeaderElectionTests : IAsyncLifetime
{
    private readonly ObservedTime _time = new();
    private readonly FakeLogCollector _log = new();
    private readonly TemporaryDirectory _directory = new();
    private readonly CancellationTokenSource _stop = new();
    private ScriptedApiServer _server = null!;
    private ApiConnection _connection = null!;
    private LeaderElection _election = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedApiServer.StartAsync();
        var kubeconfig = _directory.Write("kubeconfig", Kubeconfig(_server.Address));
        _connection = await ApiConnection.OpenAsync(
            new ConnectionSearch(new MeshKubernetesOptions { Kubeconfig = kubeconfig }, _time), _time, new Random(1), new FakeLogger(), TestContext.Current.CancellationToken);
        _election = new(
            new ApiObjects(_connection, _time), new MeshRouteStatusOptions { LeaseDuration = TimeSpan.FromSeconds(15) }, "shop", "one", _time, new FakeLogger(_log));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
        _directory.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task What_breaks_off_when_the_Lease_is_lost_ends_nothing_else()
    {
        var begun = new TaskCompletionSource();
        var run = _election.RunAsync(
            async leading =>
            {
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, leading).ContinueWith(static _ => { }, TaskScheduler.Default);
                throw new HttpRequestException("broken off");
            },
            _stop.Token);
        await TakeAsync();
        await begun.Task;

        // Another one has it, by whatever mistake.
        await (await RetryAsync()).AnswerAsync(200, Held("two"));
        await EndToEnd.Wait.UntilAsync(() => Count("Lost") == 1);
        await (await _server.NextAsync()).AnswerAsync(200, Held("two"));
        Assert.False(run.IsFaulted);
        Assert.Equal(1, Count("Ended"));
    }

    [Fact]
    public async Task What_the_work_fails_of_by_itself_is_told()
    {
        var run = _election.RunAsync(static _ => Task.FromException(new InvalidOperationException("of its own")), _stop.Token);
        await TakeAsync();
        Assert.Equal("of its own", (await Assert.ThrowsAsync<InvalidOperationException>(() => run)).Message);
    }

    /// <summary>Others count from the moment at which the server took the Lease over, which may be long before its answer comes.</summary>
    [Fact]
    public async Task A_slow_answer_leaves_so_much_less_time_to_write()
    {
        var leading = new TaskCompletionSource<CancellationToken>();
        var run = LeadAsync(leading);
        await (await _server.NextAsync()).AnswerAsync(404, Status(404, "NotFound"));
        var taking = await _server.NextAsync();
        _time.Advance(TimeSpan.FromSeconds(7));
        await taking.AnswerAsync(201, Held("one"));
        var work = await leading.Task;

        // Ten seconds after it was asked for, and not after it was answered.
        var renewal = await RetryAsync();
        Assert.False(work.IsCancellationRequested);
        _time.Advance(TimeSpan.FromSeconds(1));
        await EndToEnd.Wait.UntilAsync(() => work.IsCancellationRequested);
        await renewal.GoneAsync();
        Assert.False(run.IsCompleted);
    }

    [Fact]
    public async Task An_answer_that_comes_too_late_does_not_elect()
    {
        var leading = new TaskCompletionSource<CancellationToken>();
        var run = LeadAsync(leading);
        var finding = await _server.NextAsync();
        _time.Advance(TimeSpan.FromSeconds(6));
        await finding.AnswerAsync(404, Status(404, "NotFound"));
        var taking = await _server.NextAsync();
        _time.Advance(TimeSpan.FromSeconds(5));
        await taking.AnswerAsync(201, Held("one"));
        await RetryAsync();
        Assert.Equal(0, Count("Elected"));
        Assert.False(leading.Task.IsCompleted);
        Assert.False(run.IsCompleted);
    }

    [Fact]
    public async Task A_namespace_that_is_not_there_is_told()
    {
        var run = LeadAsync(new());
        for (var i = 0; i < 2; i++)
        {
            await (i == 0 ? await _server.NextAsync() : await RetryAsync()).AnswerAsync(404, Status(404, "NotFound"));
            await (await _server.NextAsync()).AnswerAsync(404, Status(404, "NotFound", "namespaces shop not found"));
        }

        await RetryAsync();
        var told = Assert.Single(_log.GetSnapshot(), static record => record.Id.Name == "NoLease");
        Assert.Contains("namespaces shop not found", told.Message, StringComparison.Ordinal);
        Assert.False(run.IsCompleted);
    }

    private Task LeadAsync(TaskCompletionSource<CancellationToken> leading) => _election.RunAsync(
        token =>
        {
            leading.TrySetResult(token);
            return Task.Delay(Timeout.Infinite, token);
        },
        _stop.Token);

    private async Task TakeAsync()
    {
        await (await _server.NextAsync()).AnswerAsync(404, Status(404, "NotFound"));
        await (await _server.NextAsync()).AnswerAsync(201, Held("one"));
    }

    /// <summary>The next request, which the election makes two fifteenths of the Lease later.</summary>
    private async Task<ScriptedCall> RetryAsync()
    {
        await _time.SkipAsync(2, 2);
        return await _server.NextAsync();
    }

    private int Count(string name) => _log.GetSnapshot().Count(record => record.Id.Name == name);

    private static string Held(string holder) => $$$"""
        {"metadata":{"name":"mesh-route-status","namespace":"shop","resourceVersion":"1"},
         "spec":{"holderIdentity":"{{{holder}}}","leaseDurationSeconds":15,"renewTime":"2026-01-31T12:00:00.000000Z","leaseTransitions":1}}
        """;
}
