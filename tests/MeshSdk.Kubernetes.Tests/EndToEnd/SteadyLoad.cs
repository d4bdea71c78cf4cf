using System.Collections.Concurrent;

namespace MeshSdk.Kubernetes.Tests.EndToEnd;

/// <summary>Somebody who calls all the time, whatever happens, and does not put up with a single failure.</summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<string> _failures = [];
    private readonly Task _calls;
    private int _count;

    public SteadyLoad(MeshProcess process)
    {
        _calls = Task.Run(() => CallAsync(process));
    }

    /// <summary>Ends it, some calls later, and checks that nothing failed.</summary>
    public async Task EndAsync()
    {
        var count = Volatile.Read(ref _count);
        await Wait.UntilAsync(() => Volatile.Read(ref _count) > count + 10);
        await _stop.CancelAsync();
        await _calls;
        Assert.Empty(_failures);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _calls;
        _stop.Dispose();
    }

    private async Task CallAsync(MeshProcess process)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var reply = await process.GetAsync();
                if (reply is not { Status: 200, Body: not "outside" })
                {
                    _failures.Add(reply.ToString());
                }
            }
            catch (Exception fault)
            {
                _failures.Add(fault.ToString());
            }

            Interlocked.Increment(ref _count);
            await Task.Delay(2);
        }
    }
}
