using System.Text.RegularExpressions;
using MeshSdk.Tool.Tests.Describe;

namespace MeshSdk.Tool.Tests.Samples;

/// <summary>docs/security.md says of each threat which tests show that it is met: there have to be such tests.</summary>
public sealed partial class SecurityPageTests
{
    [Fact]
    public async Task Every_threat_is_shown_by_tests_that_there_are()
    {
        var root = new FileInfo(GoldenTests.FileOf("reference", "calls.txt")).Directory!;
        while (!File.Exists(Path.Combine(root.FullName, "MeshSdk.sln")))
        {
            root = root.Parent!;
        }

        var page = await File.ReadAllTextAsync(Path.Combine(root.FullName, "docs", "security.md"));
        var rows = page[page.IndexOf("| threat |", StringComparison.Ordinal)..].Split('\n').Skip(2).TakeWhile(static line => line.StartsWith('|')).ToList();
        var tests = Directory.EnumerateFiles(Path.Combine(root.FullName, "tests"), "*Tests.cs", SearchOption.AllDirectories).Select(Path.GetFileNameWithoutExtension).ToHashSet();

        Assert.True(rows.Count > 10);
        Assert.All(rows, row =>
        {
            var names = TestClass().Matches(row).Select(static name => name.Groups[1].Value).ToList();
            Assert.NotEmpty(names);
            Assert.All(names, name => Assert.Contains(name, tests));
        });
    }

    [GeneratedRegex(@"`(\w+Tests)`")]
    private static partial Regex TestClass();
}
