using System.Threading.Channels;

namespace MeshSdk.Sources.Files;

/// <summary>
/// Says when to look at the files again: when the system reports a change, and at an interval in any case, since there are file systems that
/// report nothing, links whose target is elsewhere, and limits on the number of watches.
/// </summary>
internal sealed class FileNotices : IDisposable
{
    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private HashSet<string> _touched = new(StringComparer.Ordinal);

    // Any number of notices before the next look are one.
    private readonly Channel<bool> _notices = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public FileNotices(TimeProvider timeProvider) =>
        _timer = timeProvider.CreateTimer(_ => Notify(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>False: the system does not report changes there, they are found by looking.</summary>
    public bool TryWatch(string directory, bool recursive)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(directory)
            {
                IncludeSubdirectories = recursive,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
            };
            watcher.Changed += OnChanged;
            watcher.Created += OnChanged;
            watcher.Deleted += OnChanged;
            watcher.Renamed += OnChanged;
            watcher.Error += (_, _) => Notify();
            watcher.EnableRaisingEvents = true;
            _watchers.Add(watcher);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or PlatformNotSupportedException)
        {
            watcher?.Dispose();
            return false;
        }
    }

    public void NotifyAfter(TimeSpan delay) => _timer.Change(delay, Timeout.InfiniteTimeSpan);

    public ValueTask<bool> NextAsync(CancellationToken cancellationToken) => _notices.Reader.ReadAsync(cancellationToken);

    /// <summary>The full paths that were reported since the last call. Their content may differ even where length and time do not.</summary>
    public IReadOnlySet<string> TakeTouched()
    {
        lock (_lock)
        {
            var touched = _touched;
            _touched = new(StringComparer.Ordinal);
            return touched;
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        foreach (var watcher in _watchers)
        {
            watcher.Dispose();
        }
    }

    private void OnChanged(object sender, FileSystemEventArgs change)
    {
        lock (_lock)
        {
            _touched.Add(change.FullPath);
            if (change is RenamedEventArgs renamed)
            {
                _touched.Add(renamed.OldFullPath);
            }
        }

        Notify();
    }

    private void Notify() => _notices.Writer.TryWrite(true);
}
