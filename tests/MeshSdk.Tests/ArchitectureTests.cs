using System.Text.RegularExpressions;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests;

/// <summary>Holds the folders of the library to the arrows that docs/architecture.md draws.</summary>
public sealed partial class ArchitectureTests
{
    // A folder may use those that stand before it, and no other: so there are no circles either.
    private static readonly string[] Order =
    [
        "Model", "Telemetry", "Security", "Transport", "LoadBalancing", "Resilience", "Clusters", "Routing",
        "Resources", "Sources", "Compilation", "Settings", "Http", "Runtime", "DependencyInjection",
    ];

    private static readonly string[] DataPlane = ["Security", "Transport", "LoadBalancing", "Resilience", "Clusters", "Routing", "Http", "Telemetry"];

    private static readonly string[] ControlPlane = ["Resources", "Compilation", "Sources"];

    public static TheoryData<string> Folders => [.. Order];

    [Fact]
    public void Every_folder_has_its_place()
    {
        var folders = Directory.GetDirectories(Library)
            .Where(static folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Any())
            .Select(Path.GetFileName)
            .Except(["obj"]);

        Assert.Equal(Order.Order(), folders.Order());
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_uses_only_what_stands_before_it(string folder) =>
        Assert.Empty(UsesOf(folder).Except(Order.Take(Array.IndexOf(Order, folder) + 1)));

    [Theory]
    [MemberData(nameof(Folders))]
    public void The_data_plane_knows_nothing_of_the_control_plane(string folder)
    {
        if (DataPlane.Contains(folder))
        {
            Assert.Empty(UsesOf(folder).Intersect(ControlPlane));
        }
    }

    private static string Library => Path.Combine(Repository.Root, "src", "MeshSdk");

    private static IEnumerable<string> UsesOf(string folder) => Directory
        .EnumerateFiles(Path.Combine(Library, folder), "*.cs", SearchOption.AllDirectories)
        .SelectMany(static file => Use().Matches(File.ReadAllText(file)))
        .Select(static match => match.Groups[1].Value)
        .Distinct();

    // Usings, and names that are qualified in the code.
    [GeneratedRegex(@"\bMeshSdk\.([A-Z]\w+)\b(?=[.;])")]
    private static partial Regex Use();
}
