namespace MeshSdk.Kubernetes.Tests.Snapshots;

/// <summary>A directory of the test's own, gone after it.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("mesh-snapshots-").FullName;

    /// <summary>Not there yet.</summary>
    public string Path => System.IO.Path.Combine(_root, "state");

    public string File => System.IO.Path.Combine(Path, "mesh-snapshot.json");

    public string Beside(string name) => System.IO.Path.Combine(_root, name);

    public static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(path, mode);
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
