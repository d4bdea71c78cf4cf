using System.Text;
using MeshSdk.Resources.Json;
using MeshSdk.Sources.Manifests;

namespace MeshSdk.Sources.Files;

/// <summary>Reads the files that changed, and only those.</summary>
internal sealed class ManifestFiles(TimeProvider timeProvider, TimeSpan emptyDelay, Action<ManifestObject>? seen = null)
{
    // Coarser than the time stamps of any file system in use: a file written within this span may be written again without a trace.
    private static readonly TimeSpan ClockGrain = TimeSpan.FromSeconds(2);


    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly List<(int Root, ManifestFile File)> _streams = [];
    private ManifestListing _listing = new([], []);

    /// <summary>Adds what was read from a stream: it never changes.</summary>
    /// <param name="root">The place in the configured list.</param>
    /// <param name="name">For people.</param>
    /// <param name="text">All of it.</param>
    public void AddStream(int root, string name, string text)
    {
        var file = new ManifestFile(timeProvider, emptyDelay);
        file.Apply(ManifestReader.Read(text, name, seen));
        _streams.Add((root, file));
    }

    /// <param name="listing">What is there.</param>
    /// <param name="touched">Paths that were reported as written.</param>
    public bool IsChanged(ManifestListing listing, IReadOnlySet<string> touched) =>
        !listing.Faults.SequenceEqual(_listing.Faults)
        || _entries.Keys.Except(listing.Files.Select(file => file.Path)).Any(path => !listing.IsUnknown(path))
        || listing.Files.Any(file => !_entries.TryGetValue(file.Path, out var entry)
            || entry.Listed != file
            || entry.File.IsOverdue
            || (IsSuspect(entry, file, touched) && HasOtherContent(entry, file)));

    /// <param name="listing">What is there.</param>
    /// <param name="moving">Paths that are being written right now: they stay as they were.</param>
    /// <param name="touched">Paths that were reported as written.</param>
    /// <returns>False: a file changed while it was read; it stayed as it was and wants another look.</returns>
    public bool Update(ManifestListing listing, IReadOnlySet<string> moving, IReadOnlySet<string> touched)
    {
        var settled = true;
        _listing = listing;
        var present = listing.Files.Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _entries.Keys.Where(path => !present.Contains(path) && !moving.Contains(path) && !listing.IsUnknown(path)).ToList())
        {
            _entries.Remove(gone);
        }

        foreach (var file in listing.Files.Where(file => !moving.Contains(file.Path)))
        {
            if (!_entries.TryGetValue(file.Path, out var entry))
            {
                _entries[file.Path] = entry = new(file, new ManifestFile(timeProvider, emptyDelay));
            }
            else if (entry.Listed == file && !entry.File.IsOverdue && !IsSuspect(entry, file, touched))
            {
                continue;
            }

            settled &= Load(entry, file);
        }

        return settled;
    }

    /// <summary>The winner last.</summary>
    public IReadOnlyList<ManifestFile> InOrder() =>
    [
        .. _entries.Values.Select(entry => (entry.Listed.Root, entry.Listed.Path, entry.File))
            .Concat(_streams.Select(stream => (stream.Root, Path: "", stream.File)))
            .OrderBy(file => file.Root).ThenBy(file => file.Path, StringComparer.Ordinal).Select(file => file.File),
    ];

    public IEnumerable<MeshDiagnostic> ListingProblems() =>
        _listing.Faults.Select(fault => Problem(fault.Name, fault.Message + "; what it held stays in force"));

    private bool Load(Entry entry, ListedFile file)
    {
        byte[] bytes;
        try
        {
            bytes = ReadAll(file.Target);
            var after = new FileInfo(file.Target);
            if (!after.Exists || after.Length != file.Length || after.LastWriteTimeUtc != file.Modified)
            {
                return false;
            }
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            entry.Listed = file;
            entry.Hash = null;
            entry.File.Fail(Problem(file.Name, $"the file cannot be read: {fault.Message}"));
            return true;
        }

        var hash = ResourceFingerprint.Of(bytes);
        var renamed = entry.Listed.Name != file.Name;
        entry.Listed = file;
        entry.IsFresh = file.Modified > timeProvider.GetUtcNow().UtcDateTime - ClockGrain;
        if (entry.Hash == hash && !renamed && !entry.File.IsOverdue)
        {
            return true;
        }

        entry.Hash = hash;
        if (!ManifestText.TryDecode(bytes, out var text, out var line))
        {
            // What is legible of it still tells whether it may hold policies.
            var fault = ManifestText.Fault(file.Name, line);
            entry.File.Apply(new([], [fault])
            {
                SyntaxFaults = [fault],
                StandIns = [.. DestinationRuleScan.Find(Encoding.UTF8.GetString(bytes), new(file.Name, Document: 1, Line: 1))],
            });
            return true;
        }

        entry.File.Apply(ManifestReader.Read(text, file.Name, seen));
        return true;
    }

    private static bool IsSuspect(Entry entry, ListedFile file, IReadOnlySet<string> touched) =>
        entry.IsFresh || entry.Hash is null || touched.Contains(file.Path) || touched.Contains(file.Target);

    private bool HasOtherContent(Entry entry, ListedFile file)
    {
        try
        {
            entry.IsFresh &= file.Modified > timeProvider.GetUtcNow().UtcDateTime - ClockGrain;
            return entry.Hash != ResourceFingerprint.Of(ReadAll(file.Target));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return entry.Hash is not null;
        }
    }

    /// <summary>Without a lock: the file belongs to whoever writes it.</summary>
    private static byte[] ReadAll(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (!stream.CanSeek)
        {
            throw new IOException("it is no regular file; a pipe is read as - or through /dev/fd");
        }

        if (stream.Length > Manifests.ManifestLimits.Length)
        {
            throw new IOException($"it is larger than {Manifests.ManifestLimits.Length} bytes; split it");
        }

        var bytes = new byte[stream.Length];
        var read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return read == bytes.Length ? bytes : bytes[..read];
    }

    private static MeshDiagnostic Problem(string name, string message) =>
        new(DiagnosticSeverity.Error, ManifestCodes.UnreadableFile, name, "", message) { File = name };

    private sealed class Entry(ListedFile listed, ManifestFile file)
    {
        public ListedFile Listed { get; set; } = listed;

        public ManifestFile File => file;

        /// <summary>Of the bytes that were read last; null: they could not be read.</summary>
        public UInt128? Hash { get; set; }

        /// <summary>Written so shortly before it was read that its time stamp proves nothing.</summary>
        public bool IsFresh { get; set; }
    }
}
