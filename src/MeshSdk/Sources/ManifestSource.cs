using System.Threading.Channels;
using MeshSdk.Sources.Files;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Sources;

/// <summary>
/// Manifests on disk. The first event holds all that could be read at once, with the problems beside it; then every change of the files is
/// one event. <see cref="ManifestFile"/> says what broken and half-written files do.
/// </summary>
internal sealed partial class ManifestSource : IResourceSource
{
    // A file that is written to all the time must not keep the others from being read.
    private static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<string> _paths;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger<ManifestSource> _logger;
    private readonly ManifestSourceOptions _options;
    private readonly ManifestCatalog _catalog = new();
    private readonly ManifestFiles _files;
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;
    private TimeSpan _nextLook;
    private string? _scanFault;

    // Unbounded: a scan gives at most one event, scans are a debounce apart, and a scan that had to wait for its reader would only be late.
    private readonly Channel<ResourceEvent> _events =
        Channel.CreateUnbounded<ResourceEvent>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    /// <summary>Files, directories, and <c>-</c> for the standard input. Of two that hold the same object the later one wins.</summary>
    public ManifestSource(IReadOnlyList<string> paths, TimeProvider timeProvider, ILogger<ManifestSource> logger, ManifestSourceOptions options)
    {
        _paths = paths;
        _timeProvider = timeProvider;
        _logger = logger;
        _options = options;
        _files = new(timeProvider, options.EmptyFileDelay, options.Seen);
        _nextLook = options.PollInterval;
    }

    public string Name => $"manifests {string.Join(", ", _paths.Select(path => path == ManifestPaths.StandardInput ? "from standard input" : path))}";

    public ChannelReader<ResourceEvent> Start(CancellationToken cancellationToken)
    {
        // The loop outlives the request or the scope that happens to start it.
        using (ExecutionContext.SuppressFlow())
        {
            _loop = Task.Run(() => RunAsync(cancellationToken), CancellationToken.None);
        }

        return _events.Reader;
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _events.Writer.TryComplete();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        try
        {
            var paths = new ManifestPaths(_paths);
            await ReadStreamsAsync(stop.Token).ConfigureAwait(false);

            // Watches come before the first look, so that no change falls between the two.
            using var notices = new FileNotices(_timeProvider);
            Watch(paths, notices);
            var nothing = new HashSet<string>();
            if (!_files.Update(paths.List(), nothing, nothing))
            {
                // Changed while it was read: the second look finds it settled, or says so with the next event.
                _files.Update(paths.List(), nothing, nothing);
            }

            Publish(synced: true);
            if (_options.Watch)
            {
                await FollowAsync(paths, notices, stop.Token).ConfigureAwait(false);
            }
            else
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _timeProvider, stop.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            _events.Writer.TryComplete();
        }
#pragma warning disable CA1031 // The reader of the channel is the one to hear it.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            _events.Writer.TryComplete(fault);
        }
    }

    private void Watch(ManifestPaths paths, FileNotices notices)
    {
        if (!_options.Watch || !_options.UseSystemNotices)
        {
            return;
        }

        foreach (var (directory, recursive) in paths.WatchedDirectories)
        {
            if (!notices.TryWatch(directory, recursive))
            {
                LogNotWatched(directory, _options.PollInterval);
            }
        }
    }

    private async Task FollowAsync(ManifestPaths paths, FileNotices notices, CancellationToken cancellationToken)
    {
        while (true)
        {
            notices.NotifyAfter(_nextLook);
            await notices.NextAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await ScanAsync(paths, notices, cancellationToken).ConfigureAwait(false);
                if (_scanFault is not null)
                {
                    _scanFault = null;
                    LogScanRecovered();
                }
            }
#pragma warning disable CA1031 // Whatever went wrong, what was read before stays in force and the next look may go well.
            catch (Exception fault) when (fault is not OperationCanceledException)
#pragma warning restore CA1031
            {
                // A fault that lasts comes at every look and is worth one line.
                var description = $"{fault.GetType()}: {fault.Message}";
                if (description != _scanFault)
                {
                    _scanFault = description;
                    LogScanFailed(fault);
                }
            }
        }
    }

    private async Task ReadStreamsAsync(CancellationToken cancellationToken)
    {
        for (var i = 0; i < _paths.Count; i++)
        {
            if (!ManifestPaths.IsStream(_paths[i]))
            {
                continue;
            }

            var isStandardInput = _paths[i] == ManifestPaths.StandardInput;
            using var reader = isStandardInput && _options.StandardInput is null ? new StreamReader(Console.OpenStandardInput())
                : isStandardInput ? null
                : new StreamReader(_paths[i]);

            // A console read does not let itself be cancelled: it is left behind.
            var text = await (reader ?? _options.StandardInput!).ReadToEndAsync(cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
            _files.AddStream(i, isStandardInput ? "<stdin>" : _paths[i], text);
        }
    }

    private async Task ScanAsync(ManifestPaths paths, FileNotices notices, CancellationToken cancellationToken)
    {
        var started = _timeProvider.GetTimestamp();
        var touched = notices.TakeTouched();
        var seen = paths.List();
        var isChanged = _files.IsChanged(seen, touched);

        // A twentieth of one core is what looking at a very large tree may cost.
        _nextLook = TimeSpan.FromTicks(Math.Max(_options.PollInterval.Ticks, 20 * _timeProvider.GetElapsedTime(started).Ticks));
        if (!isChanged)
        {
            return;
        }

        HashSet<string> moving;
        var settling = _timeProvider.GetTimestamp();
        do
        {
            await Task.Delay(_options.Debounce, _timeProvider, cancellationToken).ConfigureAwait(false);
            var next = paths.List();
            moving = next.DifferencesFrom(seen);
            seen = next;
        }
        while (moving.Count > 0 && _timeProvider.GetElapsedTime(settling) < LongestSettling);

        touched = touched.Union(notices.TakeTouched()).ToHashSet(StringComparer.Ordinal);
        var settled = _files.Update(seen, moving, touched);
        Publish(synced: false);
        if (moving.Count > 0 || !settled)
        {
            _nextLook = _options.Debounce;
        }
    }

    private void Publish(bool synced)
    {
        var change = _catalog.Update(_files.InOrder(), _files.ListingProblems());
        if (synced)
        {
            change = (change ?? new ResourceEvent()) with { Problems = _catalog.Problems, Synced = true };
        }

        if (change is not null)
        {
            _events.Writer.TryWrite(change);
        }
    }
}
