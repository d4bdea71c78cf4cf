using System.Collections.Immutable;

namespace MeshSdk.Sources.Files;

/// <summary>The configured files and directories, and how they are searched.</summary>
internal sealed class ManifestPaths
{
    public const string StandardInput = "-";

    private readonly ImmutableArray<(int Position, string Name, string Path, bool IsDirectory)> _roots;

    /// <exception cref="ManifestException">A path does not exist.</exception>
    public ManifestPaths(IReadOnlyList<string> paths)
    {
        // Full paths from the start: the current directory may be another one later.
        _roots =
        [
            .. paths.Index().Where(path => !IsStream(path.Item)).Select(path =>
                (path.Index, path.Item, Path.TrimEndingDirectorySeparator(Path.GetFullPath(path.Item)), Directory.Exists(path.Item))),
        ];
        ImmutableArray<MeshDiagnostic> missing =
        [
            .. _roots.Where(root => !root.IsDirectory && !File.Exists(root.Path)).Select(root => new MeshDiagnostic(
                DiagnosticSeverity.Error,
                ManifestCodes.UnreadableFile,
                root.Name,
                "",
                $"there is no such file or directory{(root.Name == root.Path ? "" : $" (looked for {root.Path})")}")),
        ];
        if (missing.Length > 0)
        {
            throw new ManifestException(missing);
        }
    }

    /// <summary>Directories to watch, each with whether what is below belongs to it.</summary>
    public IEnumerable<(string Path, bool Recursive)> WatchedDirectories =>
        _roots.Select(root => root.IsDirectory ? (root.Path, true) : (Path.GetDirectoryName(root.Path)!, false)).Distinct();

    /// <summary>The standard input, and what a shell makes of <c>&lt;(command)</c>: to be read once, and not to be watched.</summary>
    public static bool IsStream(string path) => path == StandardInput || path.StartsWith("/dev/", StringComparison.Ordinal);

    public ManifestListing List()
    {
        var files = new List<ListedFile>();
        var faults = new List<ListingFault>();
        foreach (var (position, name, path, isDirectory) in _roots)
        {
            var start = files.Count;
            if (!isDirectory)
            {
                AddFile(position, name, path);
            }
            else if (Directory.Exists(path))
            {
                AddDirectory(position, name, path, []);
            }
            else
            {
                // Nobody empties a mesh by removing the directory it is configured in; a lost mount looks exactly like that.
                faults.Add(new(name, path, "the directory is gone"));
            }

            files.Sort(start, files.Count - start, Comparer<ListedFile>.Create((a, b) => string.CompareOrdinal(a.Path, b.Path)));
        }

        // A file that is visible under several names is read once, under the last of them, where it has the precedence that was asked for.
        var once = files.AsEnumerable().Reverse().DistinctBy(file => file.Target).Reverse();
        return new([.. once], [.. faults]);

        void AddDirectory(int root, string name, string path, ImmutableHashSet<string> parents)
        {
            if (LinkTarget.Resolve(path) is not { } target)
            {
                faults.Add(new(name, path, "its symbolic links lead in a circle"));
                return;
            }

            if (parents.Contains(target))
            {
                return;
            }

            try
            {
                foreach (var entry in new DirectoryInfo(path).EnumerateFileSystemInfos())
                {
                    if (entry.Name.StartsWith('.'))
                    {
                        continue;
                    }

                    var entryName = Path.Combine(name, entry.Name);
                    if (Directory.Exists(entry.FullName))
                    {
                        AddDirectory(root, entryName, entry.FullName, parents.Add(target));
                    }
                    else if (entry.Extension.ToLowerInvariant() is ".yaml" or ".yml" or ".json")
                    {
                        AddFile(root, entryName, entry.FullName);
                    }
                }
            }
            catch (DirectoryNotFoundException)
            {
                // Removed a moment ago.
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                faults.Add(new(name, path, $"the directory cannot be read: {fault.Message}"));
            }
        }

        void AddFile(int root, string name, string path)
        {
            try
            {
                if (LinkTarget.Resolve(path) is { } target && new FileInfo(target) is { Exists: true } info)
                {
                    files.Add(new(root, name, path, target, info.Length, info.LastWriteTimeUtc));
                }
                else if (new FileInfo(path).LinkTarget is { } link)
                {
                    faults.Add(new(name, path, $"its symbolic link leads to {link}, which is not there"));
                }
            }
            catch (FileNotFoundException)
            {
                // Removed a moment ago.
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                faults.Add(new(name, path, $"the file cannot be looked at: {fault.Message}"));
            }
        }
    }
}
