using System.Globalization;
using System.Text;

namespace MeshSdk.Tool.Tests.Describe;

/// <summary>
/// Manifests in, descriptions out: <c>Golden/CASE/*.yaml</c> against <c>described.txt</c>, for each line of <c>calls.txt</c>, which has a service and options;
/// <c>SAMPLES</c> in it is the directory of samples. <c>UPDATE_GOLDEN=1</c> writes the expectations anew.
/// </summary>
public sealed class GoldenTests
{
    public static TheoryData<string> Cases => [.. Directory.GetDirectories(Root()).Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Services_are_described_as_on_record(string name)
    {
        var actual = new StringBuilder();
        foreach (var call in File.ReadAllLines(FileOf(name, "calls.txt")))
        {
            var arguments = call.Replace("SAMPLES", Path.Combine(AppContext.BaseDirectory, "samples"), StringComparison.Ordinal).Split(' ');
            var run = await ToolRun.Of(["describe", "service", "--manifests", Path.Combine(Root(), name), .. arguments]);
            Assert.True(run.ExitCode == 0, run.Error);
            actual.Append(CultureInfo.InvariantCulture, $"$ mesh describe service {call}\n{run.Out}\n");
        }

        var file = FileOf(name, "described.txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(file, actual.ToString());
        }

        Assert.True(File.Exists(file), $"{file} is missing: run the tests once with UPDATE_GOLDEN=1 and read what they wrote");
        Assert.Equal(await File.ReadAllTextAsync(file), actual.ToString());
    }

    /// <summary>What the reference case shows comes first, to the letter.</summary>
    [Fact]
    public void The_reference_case_begins_with_the_lines_that_users_know() => Assert.StartsWith(
        """
        $ mesh describe service backend-v1 -n istio-test --manifests SAMPLES/CanaryDemo/mesh
        Service: backend-v1
           Port: http 80/HTTP targets pod port 5678
        DestinationRule: backend-v1-settings for "backend-v1.istio-test.svc.cluster.local"
           Traffic Policy TLS Mode: ISTIO_MUTUAL
           Policies: load balancer

        """,
        File.ReadAllText(FileOf("reference", "described.txt")),
        StringComparison.Ordinal);

    public static string FileOf(string name, string file) => Path.Combine(Root(), name, file);

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory!.FullName, "MeshSdk.sln")))
        {
            directory = directory.Parent;
        }

        return Path.Combine(directory.FullName, "tests", "MeshSdk.Tool.Tests", "Describe", "Golden");
    }
}
