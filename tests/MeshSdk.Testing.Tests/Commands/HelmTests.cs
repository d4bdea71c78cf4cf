using System.Text.Json.Nodes;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Commands;

/// <summary>The real helm, where there is one: it keeps its releases in Secrets that it sends in protobuf, and applies by the server.</summary>
public sealed class HelmTests(KubectlSession session) : IClassFixture<KubectlSession>
{
    private const string Chart = "apiVersion: v2\nname: shop\nversion: 1.0.0\n";

    private const string Template = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: {{ .Release.Name }}}
        spec:
          parentRefs: [{group: "", kind: Service, name: {{ .Release.Name }}}]
          rules:
          - backendRefs:
            - {name: v1, port: 80, weight: {{ .Values.weight }}}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: {{ .Release.Name }}}
        spec:
          selector: {app: shop}
          ports: [{port: 80}]
        """;

    [Fact]
    public async Task A_release_is_installed_upgraded_rolled_back_and_uninstalled()
    {
        var helm = Find();
        Assert.SkipWhen(helm is null, "no helm: name one in MESHSDK_HELM or put it on the PATH");
        var console = await session.OpenAsync();
        var chart = Directory.CreateDirectory(Path.Combine(session.Program.Folder, "shop")).FullName;
        Directory.CreateDirectory(Path.Combine(chart, "templates"));
        await File.WriteAllTextAsync(Path.Combine(chart, "Chart.yaml"), Chart);
        await File.WriteAllTextAsync(Path.Combine(chart, "values.yaml"), "weight: 1\n");
        await File.WriteAllTextAsync(Path.Combine(chart, "templates", "all.yaml"), Template);
        async Task<string> Helm(params string[] arguments) =>
            (await session.Program.RunOther(helm, ["--namespace", console.Namespace, .. arguments])).Succeeded();
        Task<string> Weight() => console.Run("get httproute shop -o jsonpath={.spec.rules[0].backendRefs[0].weight}");

        Assert.Contains("STATUS: deployed", await Helm("install", "shop", chart), StringComparison.Ordinal);
        Assert.Equal("1", await Weight());
        Assert.Contains("REVISION: 2", await Helm("upgrade", "shop", chart, "--set", "weight=2"), StringComparison.Ordinal);
        Assert.Equal("2", await Weight());
        var release = Assert.Single(JsonNode.Parse(await Helm("list", "-o", "json"))!.AsArray())!;
        Assert.Equal(("shop", "deployed", "shop-1.0.0"), ((string)release["name"]!, (string)release["status"]!, (string)release["chart"]!));
        await Helm("rollback", "shop", "1");
        Assert.Equal("1", await Weight());
        Assert.Equal(3, JsonNode.Parse(await Helm("history", "shop", "-o", "json"))!.AsArray().Count);
        Assert.Contains("release \"shop\" uninstalled", await Helm("uninstall", "shop"), StringComparison.Ordinal);
        Assert.Equal("", await console.Run("get httproute,svc,secret -o name"));
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("MESHSDK_HELM") is { Length: > 0 } named)
        {
            return named;
        }

        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "helm.exe" : "helm"))
            .FirstOrDefault(File.Exists);
    }
}
