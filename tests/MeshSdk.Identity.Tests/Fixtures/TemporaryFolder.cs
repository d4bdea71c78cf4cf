namespace MeshSdk.Identity.Tests.Fixtures;

/// <summary>A folder of a test's own, with a short name: the path of a socket may have a hundred characters.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mi-");

    public string PathOf(string name) => Path.Combine(_directory.FullName, name);

    /// <summary>Writes a file anew, as a whole.</summary>
    public string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name + ".new"), text);
        File.Move(PathOf(name + ".new"), PathOf(name), overwrite: true);
        return PathOf(name);
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
