using System.Threading.Channels;

namespace MeshSdk.Security.Sources;

/// <summary>
/// Says when to look at files again: when the system reports a change in their directories, and after a time in any case, since there are file systems that
/// report nothing, and links whose target is elsewhere.
/// </summary>
internal sealed class FileWatch : IDisposable
{
    private readonly Dictionary<string, FileSystemWatcher> _watchers = new(StringComparer.Ordinal);
    private readonly ITimer _timer;

    // Any number of changes before the next look are one.
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public FileWatch(TimeProvider time) => _timer = time.CreateTimer(_ => Notify(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Watches these directories, and no others.</summary>
    /// <param name="directories">Those that are missing are left out.</param>
    /// <param name="anew">Whether those that are watched already are so from their beginning: one that was replaced is no longer the one that is watched.</param>
    /// <returns>Whether the system reports changes in all of them.</returns>
    public bool Watch(IReadOnlyCollection<string> directories, bool anew)
    {
        foreach (var gone in _watchers.Keys.Where(one => anew || !directories.Contains(one)).ToList())
        {
            _watchers.Remove(gone, out var watcher);
            watcher!.Dispose();
        }

        return directories.Aggregate(true, (all, directory) => (_watchers.ContainsKey(directory) || TryAdd(directory)) && all);
    }

    /// <summary>Completes with the next change, or after a time.</summary>
    public async Task NextAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        _timer.Change(atMost, Timeout.InfiniteTimeSpan);
        await _changes.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _timer.Dispose();
        foreach (var watcher in _watchers.Values)
        {
            watcher.Dispose();
        }
    }

    private bool TryAdd(string directory)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(directory)
            {
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
            };
            watcher.Changed += (_, _) => Notify();
            watcher.Created += (_, _) => Notify();
            watcher.Deleted += (_, _) => Notify();
            watcher.Renamed += (_, _) => Notify();
            watcher.Error += (_, _) => Notify();
            watcher.EnableRaisingEvents = true;
            _watchers.Add(directory, watcher);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException or PlatformNotSupportedException)
        {
            watcher?.Dispose();
            return false;
        }
    }

    private void Notify() => _changes.Writer.TryWrite(true);
}
