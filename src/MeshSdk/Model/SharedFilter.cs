namespace MeshSdk.Model;

/// <summary>
/// One filter of the application's own and the number of calls that are using it: the one thing in the model that is not a value, because the
/// application may want it to be disposed of, and that must happen neither under a call nor never.
/// </summary>
/// <param name="filter">What the application made.</param>
/// <param name="disposalFailed">Hears what its disposal throws.</param>
internal sealed class SharedFilter(IMeshFilter filter, Action<Exception>? disposalFailed = null)
{
    // The calls in it, and whether it is retired in the lowest bit, so that the last call out can be told from all others.
    private const int Retired = 1;
    private const int OneCall = 2;

    private int _state;

    public IMeshFilter Filter { get; } = filter;

    /// <summary>False where it has been retired: the rule that names it has gone out of force.</summary>
    public bool TryEnter()
    {
        var state = Volatile.Read(ref _state);
        while ((state & Retired) == 0)
        {
            var seen = Interlocked.CompareExchange(ref _state, state + OneCall, state);
            if (seen == state)
            {
                return true;
            }

            state = seen;
        }

        return false;
    }

    /// <summary>Ends what <see cref="TryEnter"/> began. Does not wait for a disposal, and never throws.</summary>
    public void Exit()
    {
        if (Interlocked.Add(ref _state, -OneCall) == Retired)
        {
            _ = Task.Run(DisposeAsync);
        }
    }

    /// <summary>Lets no call in any more. Completes when it is disposed of; at once where calls are in it, of which the last disposes of it.</summary>
    public Task RetireAsync() => Interlocked.Or(ref _state, Retired) == 0 ? Task.Run(DisposeAsync) : Task.CompletedTask;

    private async Task DisposeAsync()
    {
        try
        {
            switch (Filter)
            {
                case IAsyncDisposable later:
                    await later.DisposeAsync().ConfigureAwait(false);
                    break;
                case IDisposable now:
                    now.Dispose();
                    break;
                default:
                    break;
            }
        }
        catch (Exception e)
        {
            disposalFailed?.Invoke(e);
        }
    }
}
