using System.Collections.Concurrent;

namespace MeshSdk.AspNetCore.Tests.Fixtures;

/// <summary>Callers that call again and again until they are told to stop, and what came of it.</summary>
internal sealed class Load : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly Task[] _callers;
    private long _calls;

    /// <param name="count">How many call at the same time.</param>
    /// <param name="call">One call; what it throws is a failure.</param>
    public Load(int count, Func<Task> call) =>
        _callers = [.. Enumerable.Range(0, count).Select(_ => Task.Run(async () =>
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    await call().WaitAsync(Eventually.Patience);
                }
                catch (Exception exception)
                {
                    _failures.Enqueue(exception.ToString());
                }

                Interlocked.Increment(ref _calls);

                // Others have work to do on the same cores.
                await Task.Delay(1);
            }
        }))];

    public long Calls => Interlocked.Read(ref _calls);

    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>Waits until so many more calls are over.</summary>
    public Task MoreAsync(int count)
    {
        var before = Calls;
        return Eventually.HoldsAsync(() => Calls >= before + count, $"{count} more calls");
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_callers);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }
}
