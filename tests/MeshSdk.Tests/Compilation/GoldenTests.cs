using System.Globalization;
using System.Text;
using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Runtime;
using MeshSdk.Sources;

namespace MeshSdk.Tests.Compilation;

/// <summary>
/// Manifests in, snapshot out: <c>Golden/CASE/*.yaml</c> against <c>snapshot.txt</c>, from the viewpoint of each namespace in
/// <c>callers.txt</c>, which may add a locality and a node. <c>UPDATE_GOLDEN=1</c> writes the expectations anew.
/// </summary>
public sealed class GoldenTests
{
    public static TheoryData<string> Cases => [.. Directory.GetDirectories(Root()).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Manifests_compile_to_the_snapshot_on_record(string name)
    {
        var directory = Path.Combine(Root(), name);
        var actual = Compile(directory);
        var file = Path.Combine(directory, "snapshot.txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(file, actual);
        }

        Assert.True(File.Exists(file), $"{file} is missing: run the tests once with UPDATE_GOLDEN=1 and read what they wrote");
        Assert.Equal(File.ReadAllText(file), actual);
    }

    private static string Compile(string directory)
    {
        var resources = new List<Resource>();
        foreach (var file in Directory.GetFiles(directory, "*.yaml").Order(StringComparer.Ordinal))
        {
            var content = ManifestReader.Read(File.ReadAllText(file), Path.GetFileName(file));
            Assert.Empty(content.Problems);
            resources.AddRange(content.Resources);
        }

        var text = new StringBuilder();
        foreach (var caller in File.ReadAllLines(Path.Combine(directory, "callers.txt")))
        {
            var parts = caller.Split(' ');
            text.Append(CultureInfo.InvariantCulture, $"# as seen from namespace {caller}\n");
            text.Append(SnapshotWriter.Write(new MeshCompiler(
                new CallerContext { Namespace = parts[0], Locality = CallerDetection.ParseLocality(parts.ElementAtOrDefault(1)), Node = parts.ElementAtOrDefault(2) },
                CompilerOptions.Default).Compile(Given.Store([.. resources]))));
        }

        return text.ToString();
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "MeshSdk.sln")))
        {
            directory = directory.Parent;
        }

        return Path.Combine(directory.FullName, "tests", "MeshSdk.Tests", "Compilation", "Golden");
    }
}
