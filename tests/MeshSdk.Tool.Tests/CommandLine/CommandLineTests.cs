namespace MeshSdk.Tool.Tests.CommandLine;

public sealed class CommandLineTests
{
    private const string Url = "http://backend/";

    public static TheoryData<string[], string> WrongLines { get; } = new()
    {
        { ["explain", Url], "give --manifests or --kubeconfig" },
        { ["curl", Url], "/no/such/directory/.kube/config (not there)" },
        { ["explain", "--kubeconfig", "/no/such/config", Url], "--kubeconfig '/no/such/config'" },
        { ["explain", "--manifests", ManifestDirectory.Canary, "--context", "kind", Url], "--manifests and --context exclude each other" },
        { ["get", "services", "--manifests", ManifestDirectory.Canary, "--kubeconfig", "x"], "--manifests and --kubeconfig exclude each other" },
        { ["get", "pods", "--manifests", ManifestDirectory.Canary], "pods" },
        { ["get", "--manifests", ManifestDirectory.Canary], "" },
        { ["describe", "--manifests", ManifestDirectory.Canary], "" },
        { ["describe", "service", "--manifests", ManifestDirectory.Canary], "" },
        { ["describe", "service", "a_b", "--manifests", ManifestDirectory.Canary], "'a_b'" },
        { ["describe", "service", "www.example.com", "--manifests", ManifestDirectory.Canary], "'www.example.com'" },
        { ["explain", "--manifests", ManifestDirectory.Canary], "URL" },
        { ["explain", "--manifests", ManifestDirectory.Canary, "ftp://backend"], "http://" },
        { ["explain", "--manifests", ManifestDirectory.Canary, "-H", "no colon", Url], "no colon" },
        { ["explain", "--manifests", ManifestDirectory.Canary, "-o", "xml", Url], "xml" },
        { ["explain", "--manifests", ManifestDirectory.Canary, "--security", "maybe", Url], "maybe" },
        { ["explain", "--manifests", ManifestDirectory.Canary, "--labels", "app", Url], "app" },
        { ["explain", "--manifests", ManifestDirectory.Canary, "--locality", "a/b/c/d", Url], "--locality" },
        { ["explain", "--manifests", ManifestDirectory.Canary, "--grpc", "NoMethod", Url], "NoMethod" },
        { ["explain", "--manifests", ManifestDirectory.Canary, "--batch", "/no/such/file"], "/no/such/file" },
        { ["explain", "--manifests", ManifestDirectory.Canary, "--batch", "-", Url], "--batch" },
        { ["explain", "--manifests", "-", "--batch", "-"], "standard input" },
        { ["explain", "--manifests", "/no/such/mesh.yaml", Url], "/no/such/mesh.yaml" },
        { ["explain", "--manifests", ManifestDirectory.Canary, "--unknown", Url], "--unknown" },
        { ["explain", "--manifests", ManifestDirectory.Canary, "-X", "", Url], "-X ''" },
        { ["explain", "--manifests", ManifestDirectory.Canary, "-X", "G T", Url], "-X 'G T'" },
        { ["curl", "--manifests", ManifestDirectory.Canary, "-X", "", Url], "-X ''" },
        { ["curl", "--manifests", ManifestDirectory.Canary, "-X", "G T", Url], "-X 'G T'" },
        { ["explain", "--manifests", ManifestDirectory.Canary, "-H", "A: 1\r\nB: 2", Url], "header 'A'" },
        { ["curl", "--manifests", ManifestDirectory.Canary, "-H", "A: 1\nB: 2", Url], "header 'A'" },
        { ["explain", "--manifests", ManifestDirectory.Canary, "-n", "Bad_NS", Url], "-n 'Bad_NS'" },
        { ["curl", "--manifests", ManifestDirectory.Canary, "-n", "", Url], "-n ''" },
        { ["explain", "--manifests", ManifestDirectory.Canary, "--cluster-domain", "-", Url], "--cluster-domain '-'" },
        { ["explain", "--manifests", "", Url], "--manifests" },
        { ["lynt", "--manifests", ManifestDirectory.Canary], "lynt" },
    };

    [Theory]
    [MemberData(nameof(WrongLines))]
    public async Task A_wrong_command_line_is_answered_with_one_line_and_2(string[] args, string part)
    {
        var run = await ToolRun.Of(args);

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        var line = Assert.Single(run.ErrorLines);
        Assert.StartsWith("mesh: ", line, StringComparison.Ordinal);
        Assert.Contains(part, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("explain --help")]
    [InlineData("--version")]
    public async Task Help_and_version_need_no_configuration(string line)
    {
        var run = await ToolRun.Of(line.Split(' '));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.NotEmpty(run.Out);
    }

    [Fact]
    public async Task The_first_problem_of_broken_files_is_named_with_document_and_line_and_the_others_are_counted()
    {
        using var manifests = new ManifestDirectory();
        var file = manifests.Write("mesh.yaml",
            """
            apiVersion: v1
            kind: Service
            metadata: { name: a }
            spec: { ports: [{ port: eighty }] }
            ---
            apiVersion: v1
            kind: Service
            metadata: { name: b }
            spec: { ports: 7 }
            """);

        manifests.Write("other.yaml", "kind: [");

        var run = await ToolRun.Of("explain", "--manifests", file, "--manifests", manifests.Path, Url);

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        var line = Assert.Single(run.ErrorLines);
        Assert.StartsWith($"mesh: {file}:4 (document 1): Service default/a spec.ports[0].port: ", line, StringComparison.Ordinal);
        Assert.EndsWith(" more problems)", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Manifests_can_come_from_standard_input_and_several_places()
    {
        using var manifests = new ManifestDirectory();
        manifests.Write("service.yaml", "{ apiVersion: v1, kind: Service, metadata: { name: a }, spec: { ports: [{ port: 80 }] } }");
        const string Input = "{ apiVersion: v1, kind: Service, metadata: { name: b }, spec: { ports: [{ port: 80 }] } }";

        foreach (var service in new[] { "a", "b" })
        {
            var run = await ToolRun.WithInput(Input, "explain", "-o", "json", "--manifests", manifests.Path, "--manifests", "-", $"http://{service}");
            Assert.Equal(service, run.Json.GetProperty("frontend").GetProperty("service").GetString());
        }
    }

    [Fact]
    public async Task What_is_odd_but_not_wrong_is_a_note()
    {
        using var manifests = new ManifestDirectory();
        manifests.Write("pod.yaml", "{ apiVersion: apps/v1, kind: Deployment, metadata: { name: a } }");

        var run = await ToolRun.Of("explain", "-o", "json", "--manifests", manifests.Path, "http://elsewhere");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal("passthrough", run.Json.GetProperty("action").GetString());
        Assert.Contains("Deployment", Assert.Single(run.ErrorLines), StringComparison.Ordinal);
    }
}
