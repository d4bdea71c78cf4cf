using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Identity.Tests.Fixtures;

/// <summary>
/// A clock that a test moves from one wait of the tested code to the next: a wait is handed out once it has begun, so that no step is taken before somebody
/// waits for it.
/// </summary>
internal sealed class SteppingTime : FakeTimeProvider
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    public SteppingTime()
        : base(new DateTimeOffset(2031, 5, 4, 12, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>Time limits, which are no waits.</summary>
    public HashSet<TimeSpan> Limits { get; } = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero && !Limits.Contains(dueTime))
        {
            _waits.Writer.TryWrite(dueTime);
        }

        return timer;
    }

    /// <summary>The next wait, as long as it is to be.</summary>
    public async Task<TimeSpan> WaitAsync() => await _waits.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Bound);

    /// <summary>Lets the next wait pass.</summary>
    public async Task<TimeSpan> StepAsync()
    {
        var wait = await WaitAsync();
        Advance(wait);
        return wait;
    }
}
