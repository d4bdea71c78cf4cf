using System.Text.Json;

namespace MeshSdk.Tool.Tests.Describe;

/// <summary>Manifests, and what <c>mesh describe service</c> says of the services in them. The caller is in the namespace <c>shop</c> where nothing else is said.</summary>
internal sealed class DescribedMesh(string manifests) : IDisposable
{
    /// <summary>The service <c>web</c> of the namespace <c>shop</c>, with one port; for manifests that say what is to be tried on it.</summary>
    public const string Web =
        """
        apiVersion: v1
        kind: Service
        metadata: { name: web, namespace: shop }
        spec: { ports: [{ name: http, port: 80 }] }
        ---

        """;

    private readonly ManifestDirectory _directory = new();

    public Task<ToolRun> RunAsync(string service, params string[] args) => ToolRun.Of(
        ["describe", "service", service, "--manifests", _directory.Write("mesh.yaml", manifests), .. args.Contains("-n") ? [] : (string[])["-n", "shop"], .. args]);

    /// <summary>The text of a description that there is, with nothing beside it.</summary>
    public async Task<string> TextAsync(string service, params string[] args)
    {
        var run = await RunAsync(service, args);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return run.Out;
    }

    public async Task<JsonElement> JsonAsync(string service, params string[] args) => (await RunAsync(service, [.. args, "-o", "json"])).Json;

    public void Dispose() => _directory.Dispose();

    /// <summary>The lines of a section of a description, without its title.</summary>
    public static string[] Section(string text, string title) =>
        [.. text.Split('\n').SkipWhile(line => line != title).Skip(1).TakeWhile(static line => line.StartsWith("   ", StringComparison.Ordinal))];
}
