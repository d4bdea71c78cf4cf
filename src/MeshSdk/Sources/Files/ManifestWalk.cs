using System.Collections.Immutable;

namespace MeshSdk.Sources.Files;

/// <summary>
/// One walk over the configured places. Names that begin with a dot are passed over, which is also what reads a ConfigMap mount once: its
/// real directories are called <c>..2026_01_31</c> and <c>..data</c>, and visible links lead into them.
/// </summary>
internal sealed class ManifestWalk
{
    private readonly List<ListedFile> _files = [];
    private readonly List<ListingFault> _faults = [];

    public void AddFault(string name, string path, string message) => _faults.Add(new(name, path, message));

    public void AddFile(int root, string name, string path) => AddFile(root, name, path, LinkTarget.Resolve);

    public void AddDirectory(int root, string name, string path) => AddDirectory(root, name, path, LinkTarget.Resolve, []);

    /// <summary>In order of precedence, the winner last.</summary>
    public ManifestListing Listing()
    {
        var ordered = _files.OrderBy(file => file.Root).ThenBy(file => file.Path, StringComparer.Ordinal);

        // A file that is visible under several names is read once, under the last of them, where it has the precedence that was asked for.
        return new([.. ordered.Reverse().DistinctBy(file => file.Target).Reverse()], [.. _faults]);
    }

    private void AddDirectory(int root, string name, string path, Func<string, string?> resolve, ImmutableHashSet<string> parents)
    {
        string? target = null;
        try
        {
            target = resolve(path);
            if (target is null)
            {
                AddFault(name, path, "its symbolic links lead in a circle");
                return;
            }

            if (parents.Contains(target))
            {
                return;
            }

            foreach (var entry in new DirectoryInfo(path).EnumerateFileSystemInfos())
            {
                if (!entry.Name.StartsWith('.'))
                {
                    Add(entry);
                }
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Removed a moment ago.
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            AddFault(name, path, $"the directory cannot be read: {fault.Message}");
        }

        void Add(FileSystemInfo entry)
        {
            // Only what is a link needs to be followed from the root of the file system: the rest is where its directory is.
            var isLink = entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
            var isDirectory = isLink ? Directory.Exists(entry.FullName) : entry is DirectoryInfo;
            if (!isDirectory && entry.Extension.ToLowerInvariant() is not (".yaml" or ".yml" or ".json"))
            {
                return;
            }

            var entryName = Path.Combine(name, entry.Name);
            Func<string, string?> resolveEntry = isLink ? LinkTarget.Resolve : _ => Path.Combine(target!, entry.Name);
            if (isDirectory)
            {
                AddDirectory(root, entryName, entry.FullName, resolveEntry, parents.Add(target!));
            }
            else
            {
                AddFile(root, entryName, entry.FullName, resolveEntry);
            }
        }
    }

    private void AddFile(int root, string name, string path, Func<string, string?> resolve)
    {
        try
        {
            if (resolve(path) is { } target && new FileInfo(target) is { Exists: true } info)
            {
                _files.Add(new(root, name, path, target, info.Length, info.LastWriteTimeUtc));
            }
            else if (new FileInfo(path).LinkTarget is { } link)
            {
                AddFault(name, path, $"its symbolic link leads to {link}, which is not there");
            }
        }
        catch (FileNotFoundException)
        {
            // Removed a moment ago.
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            AddFault(name, path, $"the file cannot be looked at: {fault.Message}");
        }
    }
}
