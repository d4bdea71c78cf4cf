using MeshSdk.Security;
using MeshSdk.Testing;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Security;

public sealed class CertificateSourceRunTests : IDisposable
{
    private readonly CountingClock _clock = new();
    private readonly IdentityStore _store;
    private readonly CancellationTokenSource _stop = new();

    public CertificateSourceRunTests() => _store = new IdentityStore(hasSource: true, _clock);

    public void Dispose()
    {
        _stop.Dispose();
        _store.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_source_that_throws_or_ends_is_called_again_later_and_later(bool throws)
    {
        var source = new Scripted((_, _) => throws ? throw new InvalidOperationException("broken") : Task.CompletedTask);
        var run = Start(source);

        // From 1 s, doubled each time, up to 30 s, each 0.8 to 1.2 of that.
        double[] pauses = [1, 2, 4, 8, 16, 30, 30];
        for (var i = 0; i < pauses.Length; i++)
        {
            await Eventually.HoldsAsync(() => source.Calls == i + 1 && IsPausing(i + 1), "the call, and the pause after it");
            _clock.Advance(TimeSpan.FromSeconds((0.8 * pauses[i]) - 0.01));
            Assert.Equal(i + 1, source.Calls);
            _clock.Advance(TimeSpan.FromSeconds((0.4 * pauses[i]) + 0.02));
        }

        await Eventually.HoldsAsync(() => source.Calls == pauses.Length + 1);
        Assert.Contains(throws ? "broken" : "has ended by itself", _store.Failure!.Message, StringComparison.Ordinal);
        await StopAsync(run);
    }

    [Fact]
    public async Task A_source_that_has_delivered_meanwhile_begins_with_short_pauses_again()
    {
        using var authority = new MeshCertificateAuthority(time: _clock);
        var source = new Scripted((call, sink) =>
        {
            if (call == 4)
            {
                sink.Publish(authority.Issue("spiffe://cluster.local/ns/shop/sa/cart").ToIdentity());
            }

            throw new InvalidOperationException($"call {call}");
        });
        var run = Start(source);
        for (var call = 1; call <= 3; call++)
        {
            await Eventually.HoldsAsync(() => source.Calls == call && IsPausing(call));
            _clock.Advance(TimeSpan.FromSeconds(30));
        }

        await Eventually.HoldsAsync(() => source.Calls == 4 && IsPausing(4));
        Assert.NotNull(_store.Current);
        Assert.Equal("call 4", _store.Failure?.Message);
        _clock.Advance(TimeSpan.FromSeconds(1.2));
        await Eventually.HoldsAsync(() => source.Calls == 5);
        await StopAsync(run);
    }

    [Fact]
    public async Task A_source_that_is_cancelled_is_not_called_again_and_has_not_failed()
    {
        var source = new Scripted((_, _) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token));
        var run = Start(source);
        await Eventually.HoldsAsync(() => source.Calls == 1);
        await StopAsync(run);
        Assert.Null(_store.Failure);
        Assert.Equal(1, source.Calls);
    }

    // The store has a timer of its own, and each pause one.
    private bool IsPausing(int calls) => _clock.Timers == calls + 1;

    private Task Start(ICertificateSource source) => Task.Run(() => new CertificateSourceRun(source, _store, _clock, new Random(1)).RunAsync(_stop.Token));

    private async Task StopAsync(Task run)
    {
        await _stop.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    private sealed class CountingClock : FakeTimeProvider
    {
        private int _timers;

        public int Timers => Volatile.Read(ref _timers);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Interlocked.Increment(ref _timers);
            return timer;
        }
    }

    private sealed class Scripted(Func<int, ICertificateSink, Task> run) : ICertificateSource
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public string Name => "a script";

        public Task RunAsync(ICertificateSink sink, CancellationToken cancellationToken) => run(Interlocked.Increment(ref _calls), sink);
    }
}
