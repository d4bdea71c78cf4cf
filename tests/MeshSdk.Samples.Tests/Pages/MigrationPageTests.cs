using System.Text.RegularExpressions;
using MeshSdk.Testing;

namespace MeshSdk.Samples.Tests.Pages;

/// <summary>What docs/migration.md, docs/server.md and docs/grpc.md have people apply is there, and an API server takes it.</summary>
public sealed partial class MigrationPageTests
{
    [Theory]
    [InlineData("migration.md")]
    [InlineData("grpc.md")]
    public async Task An_api_server_takes_what_the_page_says_in_yaml(string page)
    {
        var blocks = Yaml().Matches(await PageAsync(page)).Select(static block => block.Groups["text"].Value).ToList();
        Assert.NotEmpty(blocks);
        await using var cluster = await StartAsync();

        foreach (var block in blocks)
        {
            await cluster.ApplyAsync(block, TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("mtls:", "mtsl:")]
    [InlineData("mode: STRICT", "mode: STRICTLY")]
    public async Task And_would_not_take_a_slip_in_it(string right, string wrong)
    {
        var block = Yaml().Match(await PageAsync("migration.md")).Groups["text"].Value;
        Assert.Contains(right, block, StringComparison.Ordinal);
        await using var cluster = await StartAsync();

        await Assert.ThrowsAsync<EmbeddedKubernetesException>(
            () => cluster.ApplyAsync(block.Replace(right, wrong, StringComparison.Ordinal), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("migration.md")]
    [InlineData("server.md")]
    [InlineData("grpc.md")]
    public async Task Every_file_that_a_page_names_is_there(string page)
    {
        var root = SampleOutput.Root;
        var files = Sample().Matches(await PageAsync(page)).Select(static file => file.Value).Distinct().ToList();

        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.True(Path.Exists(Path.Combine(root, file)), $"there is no {file}"));
    }

    private static async Task<EmbeddedKubernetes> StartAsync()
    {
        var cluster = await EmbeddedKubernetes.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await cluster.ApplyAsync("{ apiVersion: v1, kind: Namespace, metadata: { name: istio-test } }", TestContext.Current.CancellationToken);
        return cluster;
    }

    private static Task<string> PageAsync(string page) =>
        File.ReadAllTextAsync(Path.Combine(SampleOutput.Root, "docs", page), TestContext.Current.CancellationToken);

    [GeneratedRegex("^```yaml\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Yaml();

    [GeneratedRegex(@"\bsamples/[\w./-]*\w")]
    private static partial Regex Sample();
}
