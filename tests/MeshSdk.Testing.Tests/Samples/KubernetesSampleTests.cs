using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Samples;

/// <summary>Every file of samples/k8s is one that an API server takes, to the last field.</summary>
public sealed class KubernetesSampleTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "k8s");

    [Fact]
    public async Task The_server_takes_them_by_the_schemas_that_it_has()
    {
        using var kubectl = Kubectl.Require();
        await using var cluster = await StartAsync(kubectl);

        await DryRunAsync(kubectl);
    }

    [Fact]
    public async Task The_server_takes_them_by_the_real_definitions()
    {
        using var kubectl = Kubectl.Require();
        var definitions = Known.UpstreamDefinitions();
        await using var cluster = await StartAsync(kubectl);
        foreach (var definition in definitions)
        {
            await cluster.ApplyAsync(definition.ToJsonString());
        }

        await DryRunAsync(kubectl);
    }

    [Theory]
    [InlineData("httproute.yaml", "weight: 90", "wieght: 90", "wieght")]
    [InlineData("destinationrules.yaml", "mode: ISTIO_MUTUAL", "mode: ISTIO", "mode")]
    [InlineData("backends.yaml", "targetPort: 5678", "targetport: 5678", "targetport")]
    [InlineData("backends.yaml", "automountServiceAccountToken: false", "automountServiceToken: false", "automountServiceToken")]
    [InlineData("client.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFileSystem: true", "readOnlyRootFileSystem")]
    [InlineData("rbac.yaml", "resources: [services]", "resource: [services]", "resource")]
    public async Task A_slip_in_it_would_be_found(string file, string right, string wrong, string named)
    {
        using var kubectl = Kubectl.Require();
        await using var cluster = await StartAsync(kubectl);
        await cluster.ApplyAsync(await File.ReadAllTextAsync(Path.Combine(Folder, "namespace.yaml")));
        var text = await File.ReadAllTextAsync(Path.Combine(Folder, file));
        Assert.Contains(right, text, StringComparison.Ordinal);
        var broken = Path.Combine(kubectl.Folder, file);
        await File.WriteAllTextAsync(broken, text.Replace(right, wrong, StringComparison.Ordinal));

        var run = await kubectl.Run("apply", "--dry-run=server", "--validate=strict", "-f", broken);

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(named, run.Error, StringComparison.Ordinal);
    }

    /// <summary>All in one command, which names the file where something is wrong.</summary>
    private static async Task DryRunAsync(Kubectl kubectl)
    {
        // What is applied by other means than kubectl it warns of.
        (await kubectl.Run("apply", "-f", Path.Combine(Folder, "namespace.yaml"))).Succeeded();

        var run = await kubectl.Run("apply", "--dry-run=server", "--validate=strict", "-R", "-f", Folder);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var documents = Directory.EnumerateFiles(Folder, "*.yaml", SearchOption.AllDirectories)
            .Sum(static file => File.ReadLines(file).Count(static line => line.StartsWith("kind:", StringComparison.Ordinal)));
        var lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(documents, lines.Length);
        Assert.All(lines, static line => Assert.EndsWith("(server dry run)", line, StringComparison.Ordinal));
    }

    /// <summary>With the namespace that a part of the Roles is for.</summary>
    private static async Task<EmbeddedKubernetes> StartAsync(Kubectl kubectl)
    {
        var cluster = await EmbeddedKubernetes.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        cluster.WriteKubeconfig(kubectl.Kubeconfig);
        await cluster.ApplyAsync("{ apiVersion: v1, kind: Namespace, metadata: { name: istio-system } }");
        return cluster;
    }
}
