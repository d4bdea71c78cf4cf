namespace MeshSdk.Kubernetes.Snapshots;

/// <summary>
/// A directory that nobody but this process's user can change. What lies in it decides where calls go and whether they are encrypted, so one that
/// somebody else may have had his hands on is worse than none. On Windows, whose file system has no modes, only links are refused.
/// </summary>
internal static class PrivateDirectory
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Makes the directory where there is none, and makes sure that it is safe.</summary>
    /// <exception cref="SnapshotException">It is not, or it cannot be made.</exception>
    public static void Ensure(string path)
    {
        try
        {
            if (!Path.Exists(path) && new DirectoryInfo(path).LinkTarget is null)
            {
                if (OperatingSystem.IsWindows())
                {
                    Directory.CreateDirectory(path);
                }
                else
                {
                    Directory.CreateDirectory(path, OwnerOnly);
                }
            }

            if (!File.GetAttributes(path).HasFlag(FileAttributes.Directory))
            {
                throw new SnapshotException($"The snapshot directory '{path}' is not a directory.");
            }

            Check(path, "directory");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SnapshotException($"The snapshot directory '{path}' cannot be used: {e.Message}", e);
        }
    }

    /// <exception cref="SnapshotException">It is a link, of another user, or can be written by others.</exception>
    public static void Check(string path, string what)
    {
        if (File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint))
        {
            throw new SnapshotException($"The snapshot {what} '{path}' is a link; name what it leads to instead.");
        }

        if (!FileOwner.IsOwn(path))
        {
            throw new SnapshotException($"The snapshot {what} '{path}' belongs to another user; it has to belong to the one that the process runs as.");
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & WritableByOthers) != 0)
        {
            throw new SnapshotException(
                $"The snapshot {what} '{path}' can be written by others; take that from them with 'chmod go-w {path}', once it is clear who did what in it.");
        }
    }
}
