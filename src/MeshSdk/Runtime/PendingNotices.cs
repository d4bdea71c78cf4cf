using MeshSdk.Sources;

namespace MeshSdk.Runtime;

/// <summary>Those who wait for events to be in force. Touched by one thread at a time.</summary>
internal sealed class PendingNotices
{
    private readonly List<TaskCompletionSource> _waiting = [];

    public void Add(ResourceEvent taken)
    {
        if (taken.InForce is { } notice)
        {
            _waiting.Add(notice);
        }
    }

    /// <summary>All that was taken is in force.</summary>
    public void Complete()
    {
        _waiting.ForEach(static notice => notice.TrySetResult());
        _waiting.Clear();
    }

    /// <summary>It never will be.</summary>
    public void Cancel()
    {
        _waiting.ForEach(static notice => notice.TrySetCanceled());
        _waiting.Clear();
    }
}
