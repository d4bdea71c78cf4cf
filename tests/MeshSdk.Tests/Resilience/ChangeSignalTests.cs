using MeshSdk.Resilience;

namespace MeshSdk.Tests.Resilience;

public sealed class ChangeSignalTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [ThreadStatic]
    private static bool _isRaising;

    [Fact]
    public async Task All_who_wait_hear_of_the_next_change_and_of_no_other()
    {
        var signal = new ChangeSignal();
        signal.Raise();
        Assert.False(signal.IsAwaited);
        var one = signal.Next;
        Assert.True(signal.IsAwaited);
        Assert.Same(one, signal.Next);
        Assert.False(one.IsCompleted);

        signal.Raise();

        await one.WaitAsync(Patience);
        Assert.False(signal.IsAwaited);
        var two = signal.Next;
        Assert.NotSame(one, two);
        Assert.False(two.IsCompleted);
    }

    [Fact]
    public async Task Whoever_makes_the_change_does_not_go_on_with_the_work_of_those_who_wait()
    {
        var signal = new ChangeSignal();
        var ran = signal.Next.ContinueWith(static _ => _isRaising, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        _isRaising = true;
        signal.Raise();
        _isRaising = false;
        Assert.False(await ran.WaitAsync(Patience));
    }

    [Fact]
    public async Task No_change_is_missed_by_who_asks_before_looking()
    {
        const int Changes = 20_000;
        var signal = new ChangeSignal();
        var value = 0;
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                var next = signal.Next;
                if (Volatile.Read(ref value) == Changes)
                {
                    return;
                }

                await next;
            }
        })).ToArray();
        for (var i = 0; i < Changes; i++)
        {
            Volatile.Write(ref value, i + 1);
            signal.Raise();
        }

        await Task.WhenAll(readers).WaitAsync(Patience);
    }
}
