using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Kubernetes.Tests.Fixtures;

/// <summary>
/// A clock that stands still until the test moves it, and that tells when somebody begins to wait on it: a test moves it when the wait has begun, and not
/// at a guess.
/// </summary>
internal sealed class ObservedTime : FakeTimeProvider
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    /// <summary>Waits until somebody waits for a time in the range, in seconds. Waits that began earlier and were not asked for are passed over.</summary>
    public async Task<TimeSpan> WaitBeginsAsync(double shortest, double longest)
    {
        while (true)
        {
            var wait = await _waits.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);
            if (wait >= TimeSpan.FromSeconds(shortest) && wait <= TimeSpan.FromSeconds(longest))
            {
                return wait;
            }
        }
    }

    /// <summary>The same, and lets that time pass.</summary>
    public async Task<TimeSpan> SkipAsync(double shortest, double longest)
    {
        var wait = await WaitBeginsAsync(shortest, longest);
        Advance(wait);
        return wait;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ObservedTimer(base.CreateTimer(callback, state, dueTime, period), _waits.Writer);
        _waits.Writer.TryWrite(dueTime);
        return timer;
    }

    private sealed class ObservedTimer(ITimer timer, ChannelWriter<TimeSpan> waits) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var changed = timer.Change(dueTime, period);
            waits.TryWrite(dueTime);
            return changed;
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
