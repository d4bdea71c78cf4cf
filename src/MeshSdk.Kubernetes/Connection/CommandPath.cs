namespace MeshSdk.Kubernetes.Connection;

/// <summary>Finds programs as a shell does.</summary>
internal static class CommandPath
{
    /// <param name="command">A name, or a path.</param>
    /// <param name="directory">Where relative paths begin. A bare name is looked for in PATH alone.</param>
    /// <returns>Null: there is none.</returns>
    public static string? Find(string command, string directory)
    {
        if (command.Contains('/', StringComparison.Ordinal) || command.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            return Existing(Path.GetFullPath(command, Path.GetFullPath(directory)));
        }

        var directories = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return directories.Select(place => Existing(Path.Combine(place, command))).FirstOrDefault(static found => found is not null);
    }

    private static string? Existing(string path) =>
        File.Exists(path) ? path : OperatingSystem.IsWindows() && File.Exists(path + ".exe") ? path + ".exe" : null;
}
