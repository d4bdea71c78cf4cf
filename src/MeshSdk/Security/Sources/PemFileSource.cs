using MeshSdk.Security.Pem;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Security.Sources;

/// <summary>
/// The identity in PEM files that somebody else keeps fresh. Files are replaced one at a time, in place or behind a link, and may be read when half of them
/// are new: what has changed is taken once it stands still, can be read as a whole, and its key is that of its leaf. Until then, and where they are gone, what was
/// taken before stays. All of their content is read at each look: it is little, and neither times nor links have to be believed.
/// </summary>
internal sealed partial class PemFileSource(PemLocation location, TimeProvider time, ILogger log) : ICertificateSource
{
    // Longer than a writer needs from one block, or one file, to the next.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WatchedInterval = TimeSpan.FromSeconds(10);

    // A rotation that is under way is no failure; one that has not come to its end after this long is.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // What no rotation passes through is told within a second. A file that is rewritten in place is empty for a moment, and no longer.
    private static readonly TimeSpan PatienceWithBroken = TimeSpan.FromMilliseconds(800);

    public string Name => location.Name;

    public async Task RunAsync(ICertificateSink sink, CancellationToken cancellationToken)
    {
        using var watch = new FileWatch(time);
        var state = new State();
        while (true)
        {
            var next = Look(sink, watch, state);
            await watch.NextAsync(next, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns>When to look again, at the latest.</returns>
    private TimeSpan Look(ICertificateSink sink, FileWatch watch, State state)
    {
        try
        {
            var files = location.Find();
            string[] directories = [.. DirectoriesOf(files).Concat(location.Directories).Distinct(StringComparer.Ordinal)];
            var isWatched = watch.Watch(directories, anew: state.FaultySince is not null);
            using var texts = PemTexts.Read(files);
            if (texts.Digest != state.Adopted && state.Present is not null && texts.Digest != state.Seen)
            {
                state.Seen = texts.Digest;
                return Settling;
            }

            Take(sink, texts, state);
            return IntervalOf(isWatched);
        }
        catch (Exception e) when (e is PemException or ArgumentException)
        {
            // The sink says of what it does not take, by the second of these, what is wrong with it.
            watch.Watch([.. location.Directories], anew: true);
            Note(sink, e, state);
            return state.Present is null || state.ToldFault is not null ? RetryInterval : Settling;
        }
    }

    private void Take(ICertificateSink sink, PemTexts texts, State state)
    {
        if (texts.Digest == state.Adopted)
        {
            if (state.ToldFault is not null)
            {
                // The sink hears that all is well again: nothing else tells it.
                sink.Publish(state.Present!);
            }
        }
        else
        {
            var identity = PemIdentity.Read(texts);
            sink.Publish(identity);
            state.Present = identity;
            state.Adopted = texts.Digest;
            WarnOfAccess(texts.Files.PrivateKey, state);
        }

        state.FaultySince = null;
        state.BrokenSince = null;
        state.ToldFault = null;
        state.Seen = null;
    }

    private void Note(ICertificateSink sink, Exception fault, State state)
    {
        state.Seen = null;
        state.FaultySince ??= time.GetTimestamp();
        state.BrokenSince = fault is PemException { MayPass: false } ? state.BrokenSince ?? time.GetTimestamp() : null;
        var isOver = time.GetElapsedTime(state.FaultySince.Value) >= Patience
            || (state.BrokenSince is { } broken && time.GetElapsedTime(broken) >= PatienceWithBroken);
        if (state.Present is not null && !isOver)
        {
            return;
        }

        if (state.ToldFault != fault.Message)
        {
            state.ToldFault = fault.Message;
            sink.Failed(fault);
        }
    }

    private TimeSpan IntervalOf(bool isWatched)
    {
        var interval = isWatched ? WatchedInterval : RetryInterval;
        return location.RefreshInterval is { } refresh && refresh < interval ? TimeSpan.FromTicks(Math.Max(refresh.Ticks, RetryInterval.Ticks)) : interval;
    }

    private static IEnumerable<string> DirectoriesOf(PemFiles files) =>
        ((string?[])[files.Certificate, files.PrivateKey, files.TrustBundle, files.Revocations]).Select(Path.GetDirectoryName).OfType<string>();

    private void WarnOfAccess(string path, State state)
    {
        if (OperatingSystem.IsWindows() || state.WarnedOf == path)
        {
            return;
        }

        try
        {
            var mode = File.GetUnixFileMode(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
            if ((mode & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
            {
                state.WarnedOf = path;
                LogOpenKey(path, Convert.ToString((int)mode, 8).PadLeft(4, '0'));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has just been read, so this is no matter of the identity.
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The private key {Path} is open to every user of the machine (mode {Mode}); give it a mode such as 0600 or 0640.", EventName = "PrivateKeyOpen")]
    private partial void LogOpenKey(string path, string mode);

    /// <summary>What one run has come to.</summary>
    private sealed class State
    {
        public MeshIdentity? Present;

        /// <summary>The content that it was made of.</summary>
        public string? Adopted;

        /// <summary>The content that was found last, and is taken if it is still the same at the next look.</summary>
        public string? Seen;

        public long? FaultySince;
        public long? BrokenSince;
        public string? ToldFault;
        public string? WarnedOf;
    }
}
