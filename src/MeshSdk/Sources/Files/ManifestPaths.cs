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
        var walk = new ManifestWalk();
        foreach (var (position, name, path, isDirectory) in _roots)
        {
            if (!isDirectory)
            {
                walk.AddFile(position, name, path);
            }
            else if (Directory.Exists(path))
            {
                walk.AddDirectory(position, name, path);
            }
            else
            {
                // Nobody empties a mesh by removing the directory it is configured in; a lost mount looks exactly like that.
                walk.AddFault(name, path, "the directory is gone");
            }
        }

        return walk.Listing();
    }
}
