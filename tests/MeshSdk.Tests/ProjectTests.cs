using System.Xml.Linq;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests;

/// <summary>Holds the projects to the arrows that docs/architecture.md draws.</summary>
public sealed class ProjectTests
{
    // What users install: each may bring along what is named here, and nothing else.
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["MeshSdk"] = [],
        ["MeshSdk.AspNetCore"] = ["MeshSdk"],
        ["MeshSdk.Grpc"] = ["MeshSdk"],
        ["MeshSdk.Identity"] = ["MeshSdk"],
        ["MeshSdk.Kubernetes"] = ["MeshSdk"],
        ["MeshSdk.OpenTelemetry"] = ["MeshSdk"],
        ["MeshSdk.Testing"] = ["MeshSdk"],
        ["MeshSdk.Tool"] = ["MeshSdk", "MeshSdk.Identity", "MeshSdk.Kubernetes", "MeshSdk.Testing"],
    };

    [Fact]
    public void Every_package_has_its_place() =>
        Assert.Equal(Allowed.Keys.Order(), ProjectsOf("src").Select(static file => Path.GetFileNameWithoutExtension(file)).Order());

    [Fact]
    public void Packages_bring_along_only_what_they_may()
    {
        foreach (var file in ProjectsOf("src"))
        {
            Assert.Empty(ReferencesOf(file).Except(Allowed[Path.GetFileNameWithoutExtension(file)]));
        }
    }

    /// <summary>What runs in a container of the upstream suite is what an application would have, and a server that knows nothing of the mesh.</summary>
    [Theory]
    [InlineData("MeshSdk.Conformance.Client", "MeshSdk.Kubernetes")]
    [InlineData("MeshSdk.Conformance.Echo")]
    public void The_ends_of_the_conformance_suite_know_only_what_they_may(string project, params string[] allowed) =>
        Assert.Equal(allowed, ReferencesOf(Path.Combine(Repository.Root, "tests", project, project + ".csproj")));

    [Fact]
    public void No_package_knows_samples_tests_or_benchmarks()
    {
        var packages = ProjectsOf("src").Select(static file => Path.GetFileNameWithoutExtension(file)).ToHashSet();

        Assert.All(ProjectsOf("src").SelectMany(ReferencesOf), name => Assert.Contains(name, packages));
        Assert.NotEmpty(ProjectsOf("src").SelectMany(ReferencesOf));
    }

    private static IEnumerable<string> ProjectsOf(string folder) => Directory
        .EnumerateDirectories(Path.Combine(Repository.Root, folder))
        .SelectMany(static project => Directory.EnumerateFiles(project, "*.csproj"));

    private static IEnumerable<string> ReferencesOf(string project) => XDocument.Load(project)
        .Descendants("ProjectReference")
        .Select(static reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
}
