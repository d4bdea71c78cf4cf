namespace CanaryDemo;

/// <summary>
/// A kubeconfig for a second terminal. It goes when the demo ends, for so does the server that it leads to, and the directories that were made for it go too.
/// </summary>
internal sealed class KubeconfigFile : IDisposable
{
    // The innermost first.
    private readonly List<string> _made = [];

    private KubeconfigFile(string path) => FullPath = path;

    /// <summary>The path as any terminal understands it, wherever it stands.</summary>
    public string FullPath { get; }

    /// <exception cref="OptionException">The file cannot be written, or there is one already: it could be somebody's way to a real cluster.</exception>
    public static KubeconfigFile Write(string path, Cluster cluster)
    {
        var target = new KubeconfigFile(Path.GetFullPath(path));
        try
        {
            if (Directory.Exists(target.FullPath))
            {
                throw new OptionException($"--kubeconfig-out {target.FullPath}: this is a directory. Name a file.");
            }

            if (new FileInfo(target.FullPath) is { Exists: true, Length: > 0 })
            {
                throw new OptionException($"--kubeconfig-out {target.FullPath}: it is there already, and is not replaced. Name another file, or delete it.");
            }

            target.MakeDirectories();
            cluster.WriteKubeconfig(target.FullPath);
            return target;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OptionException)
        {
            target.RemoveDirectories();
            throw e as OptionException ?? new OptionException($"--kubeconfig-out {target.FullPath}: it cannot be written: {e.Message}");
        }
    }

    public void Dispose()
    {
        // Somebody may have taken the directory away before.
        if (File.Exists(FullPath))
        {
            File.Delete(FullPath);
        }

        RemoveDirectories();
    }

    /// <summary>For nobody else's eyes: the file is the administrator's key to the server.</summary>
    private void MakeDirectories()
    {
        var missing = new List<string>();
        for (var directory = Path.GetDirectoryName(FullPath); directory is not null && !Directory.Exists(directory); directory = Path.GetDirectoryName(directory))
        {
            missing.Add(directory);
        }

        foreach (var directory in Enumerable.Reverse(missing))
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(directory);
            }
            else
            {
                Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            _made.Insert(0, directory);
        }
    }

    private void RemoveDirectories()
    {
        try
        {
            _made.ForEach(static directory => Directory.Delete(directory));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody has put something there since, and it stays.
        }
    }
}
