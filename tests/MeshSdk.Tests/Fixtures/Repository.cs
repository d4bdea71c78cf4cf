namespace MeshSdk.Tests.Fixtures;

/// <summary>The files that the tests were built from, for tests of the code's own shape.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "MeshSdk.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("MeshSdk.sln is in no directory above the tests");
        }

        return directory.FullName;
    }
}
