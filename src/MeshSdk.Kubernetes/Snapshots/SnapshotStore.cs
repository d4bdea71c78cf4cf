using Microsoft.Extensions.Logging;

namespace MeshSdk.Kubernetes.Snapshots;

/// <summary>When a snapshot on disk is used, and when it is written. Writing never holds up whoever asks for it.</summary>
internal sealed partial class SnapshotStore(string directory, TimeSpan maximumAge, TimeProvider time, ILogger logger)
{
    /// <summary>How long changes are gathered before they are written; longer where there is more to write, see <see cref="DueIn"/>.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>
    /// After how long it is written without any change: that endpoints were heard of a moment ago is worth keeping too, since it decides whether they
    /// may be used after the next start.
    /// </summary>
    public static readonly TimeSpan RefreshInterval = TimeSpan.FromMinutes(2);

    // What a cluster that changes all the time costs the disk: so much in one interval, on average.
    private const long BytesPerInterval = 1 << 20;

    private readonly SnapshotFile _file = new(directory);
    private Task _writing = Task.CompletedTask;
    private long? _lastWrite;
    private long _lastLength;
    private string? _lastFault;

    /// <summary>Makes sure that the directory is there and safe.</summary>
    /// <exception cref="SnapshotException">It is not.</exception>
    public void Prepare()
    {
        PrivateDirectory.Ensure(directory);
        try
        {
            _file.DeleteLeftovers();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whether it can be used is told when it is.
        }
    }

    /// <summary>The snapshot on disk, if it is one of this cluster and caller and can be used.</summary>
    /// <exception cref="SnapshotException">Somebody else may have written it.</exception>
    public SnapshotContent? Load(string server, string ns)
    {
        try
        {
            var content = _file.Read();
            var refusal = content is null ? null
                : content.Server != server ? "it is of another API server"
                : content.Namespace != ns ? $"it is of namespace '{content.Namespace}', and this is '{ns}'"
                : time.GetUtcNow() - content.Time > maximumAge ? $"it is of {content.Time.UtcDateTime:u}, and older than {maximumAge} (Mesh:Kubernetes:SnapshotMaxAge)"
                : null;
            if (refusal is null)
            {
                return content;
            }

            Ignore(refusal);
        }
        catch (Exception e) when (e is not SnapshotException)
        {
            // Whatever a file holds that was written by another version, by chance or on purpose: the mesh starts without it.
            Ignore(e.Message);
        }

        return null;
    }

    /// <summary>Tells that the snapshot is not used.</summary>
    public void Ignore(string reason) => LogIgnored(_file.Path, reason);

    /// <summary>How long until it is written; zero: now.</summary>
    /// <param name="isChanged">Something has changed since the last time.</param>
    public TimeSpan DueIn(bool isChanged)
    {
        if (_lastWrite is not { } last)
        {
            return isChanged ? TimeSpan.Zero : RefreshInterval;
        }

        var left = (isChanged ? ChangeInterval : RefreshInterval) - time.GetElapsedTime(last);
        return left > TimeSpan.Zero ? left : _writing.IsCompleted ? TimeSpan.Zero : Interval;
    }

    private TimeSpan ChangeInterval =>
        TimeSpan.FromTicks(Math.Min(RefreshInterval.Ticks, Interval.Ticks * Math.Max(1, Volatile.Read(ref _lastLength) / BytesPerInterval)));

    /// <summary>Writes in the background.</summary>
    public void Write(SnapshotContent content)
    {
        _lastWrite = time.GetTimestamp();
        var previous = _writing;
        _writing = Task.Run(async () =>
        {
            await previous.ConfigureAwait(false);
            WriteNow(content);
        });
    }

    /// <summary>Completes when all is written.</summary>
    public Task FlushAsync() => _writing;

    /// <summary>Tells that what was to be written last is not waited for.</summary>
    public void GiveUp() => LogGivenUp(_file.Path);

    private void WriteNow(SnapshotContent content)
    {
        try
        {
            // Again each time: it may have been replaced since the start.
            PrivateDirectory.Ensure(directory);
            Volatile.Write(ref _lastLength, _file.Write(content));
            _lastFault = null;
        }
#pragma warning disable CA1031 // What is in force goes on without it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            // A disk that is full stays full, and is worth one line.
            if (e.Message != _lastFault)
            {
                _lastFault = e.Message;
                LogNotWritten(_file.Path, e.Message, e);
            }
        }
    }

    [LoggerMessage(20, LogLevel.Warning, "The snapshot {Path} is not used: {Reason}.", EventName = "SnapshotIgnored")]
    private partial void LogIgnored(string path, string reason);

    [LoggerMessage(22, LogLevel.Warning, "The snapshot {Path} was not written in time at the end.", EventName = "SnapshotGivenUp")]
    private partial void LogGivenUp(string path);

    [LoggerMessage(21, LogLevel.Warning, "The snapshot {Path} cannot be written, and the last one stays there: {Reason}", EventName = "SnapshotNotWritten")]
    private partial void LogNotWritten(string path, string reason, Exception error);
}
