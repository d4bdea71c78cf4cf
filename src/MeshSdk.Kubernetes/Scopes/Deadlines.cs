namespace MeshSdk.Kubernetes.Scopes;

/// <summary>What is to be done later, on the thread of the loop. Nothing is ever taken back: whoever is called looks whether it still matters.</summary>
internal sealed class Deadlines(TimeProvider time)
{
    private readonly PriorityQueue<Action, long> _queue = new();

    /// <summary>How long until something is due; null where nothing is.</summary>
    public TimeSpan? Next => !_queue.TryPeek(out _, out var due) ? null
        : time.GetElapsedTime(time.GetTimestamp(), due) is var left && left > TimeSpan.Zero ? left
        : TimeSpan.Zero;

    /// <returns>When it is due; a timestamp of the clock.</returns>
    public long After(TimeSpan delay, Action action)
    {
        var due = time.GetTimestamp() + (long)(delay.TotalSeconds * time.TimestampFrequency);
        _queue.Enqueue(action, due);
        return due;
    }

    /// <summary>Does what is due. What that puts off again waits for the next time, so that the loop gets on in any case.</summary>
    /// <param name="run">Runs one action and survives whatever it throws.</param>
    public void Run(Action<Action> run)
    {
        var now = time.GetTimestamp();
        var due = new List<Action>();
        while (_queue.TryPeek(out var action, out var at) && at <= now)
        {
            _queue.Dequeue();
            due.Add(action);
        }

        due.ForEach(run);
    }
}
