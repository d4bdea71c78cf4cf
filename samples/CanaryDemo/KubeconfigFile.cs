namespace CanaryDemo;

/// <summary>A kubeconfig for a second terminal. It goes when the demo ends, for so does the server that it leads to.</summary>
internal sealed class KubeconfigFile : IDisposable
{
    private KubeconfigFile(string path) => FullPath = path;

    /// <summary>The path as any terminal understands it, wherever it stands.</summary>
    public string FullPath { get; }

    /// <exception cref="IOException">There is a file already: it could be somebody's way to a real cluster.</exception>
    public static KubeconfigFile Write(string path, Cluster cluster)
    {
        var file = new FileInfo(path);
        if (file is { Exists: true, Length: > 0 })
        {
            throw new IOException($"{file.FullName} is there already, and is not replaced. Name another file, or delete it.");
        }

        Directory.CreateDirectory(file.DirectoryName!);
        cluster.WriteKubeconfig(file.FullName);
        return new KubeconfigFile(file.FullName);
    }

    public void Dispose() => File.Delete(FullPath);
}
