using System.Threading.Channels;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Controllers;

/// <summary>The changes of one kind on their way to a controller.</summary>
/// <param name="missing">Objects that were there at the start and have not been told yet.</param>
internal sealed class ChangeFeed(ChannelReader<ApiChange> changes, Action<ApiChange> apply, HashSet<(string Namespace, string Name)> missing)
{
    // A writer that never pauses must not put the work off for ever.
    private const int LargestBatch = 1000;

    /// <summary>Whether all that was there at the start has been told.</summary>
    public bool IsComplete => missing.Count == 0;

    public static ChangeFeed Open(IClusterApi api, ChangeSource source, CancellationToken ct)
    {
        // What is there after the watch has begun, the watch tells of for certain: as there from the start, or as new.
        var changes = api.Watch(source.Group, source.Plural, ct);
        var present = api.List(source.Group, source.Plural).Select(content => (content.Namespace(), content.Name()));
        return new(changes, source.Apply, [.. present]);
    }

    /// <summary>Takes over what there is, up to a bound.</summary>
    public bool Drain()
    {
        var count = 0;
        for (; count < LargestBatch && changes.TryRead(out var change); count++)
        {
            missing.Remove((change.Content.Namespace(), change.Content.Name()));
            apply(change);
        }

        return count > 0;
    }

    /// <summary>Waits for the next change. False: the watch has ended.</summary>
    public Task<bool> WaitAsync(CancellationToken ct) => changes.WaitToReadAsync(ct).AsTask();
}
