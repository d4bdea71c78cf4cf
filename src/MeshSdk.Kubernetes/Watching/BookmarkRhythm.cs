namespace MeshSdk.Kubernetes.Watching;

/// <summary>
/// Learns how often a server sends bookmarks. They are not guaranteed, so a silence means something only where this server has been seen to break
/// it regularly: two and a half of its own intervals without a line, and the stream counts as dead.
/// </summary>
internal sealed class BookmarkRhythm(TimeProvider time)
{
    /// <summary>No silence shorter than this one is taken for a fault, however lively the server.</summary>
    public static readonly TimeSpan ShortestSilence = TimeSpan.FromSeconds(30);

    private const double Patience = 2.5;

    private TimeSpan? _interval;
    private long? _previous;

    /// <summary>How long the stream may be silent; null: as long as it lasts.</summary>
    public TimeSpan? Tolerated => _interval is not { } interval ? null
        : interval * Patience is var silence && silence > ShortestSilence ? silence
        : ShortestSilence;

    /// <summary>A new stream: what lies between its first bookmark and the last one of the stream before is no interval.</summary>
    public void Restart() => _previous = null;

    public void Seen()
    {
        var now = time.GetTimestamp();
        if (_previous is { } previous)
        {
            // The longest counts, but not for ever: servers are upgraded.
            var interval = time.GetElapsedTime(previous, now);
            _interval = _interval * 0.8 is { } remembered && remembered > interval ? remembered : interval;
        }

        _previous = now;
    }
}
