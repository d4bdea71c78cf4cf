using System.Text;

namespace MeshSdk.Tool.Tests.Live;

/// <summary>Which API server a command line means, and what is said of one that does not answer.</summary>
public sealed class LiveConnectionTests
{
    [Fact]
    public async Task The_variable_names_files_and_the_context_the_namespace()
    {
        await using var canary = await LiveCanary.StartAsync();
        var (first, second) = (Path.Combine(canary.Directory, "first"), Path.Combine(canary.Directory, "second"));
        await File.WriteAllTextAsync(first, Surroundings.Kubeconfig("elsewhere", ("elsewhere", null)));
        await File.WriteAllTextAsync(second, Contexts(canary, ("canary", LiveCanary.Namespace), ("other", "default"), ("none", null)));
        var environment = Surroundings.None with { Variable = name => name == "KUBECONFIG" ? $"{first}{Path.PathSeparator}{second}" : null };

        Assert.Equal("forward", await ActionAsync(environment, "--context", "canary"));
        Assert.Equal("passthrough", await ActionAsync(environment, "--context", "other"));
        Assert.Equal("passthrough", await ActionAsync(environment, "--context", "none"));
        Assert.Equal("forward", await ActionAsync(environment, "--context", "other", "-n", LiveCanary.Namespace));

        // The file of the option alone, its current context included.
        Assert.Equal("forward", await ActionAsync(environment, "--kubeconfig", second));
    }

    [Fact]
    public async Task The_file_of_the_home_directory_is_read_where_nothing_else_is_said()
    {
        await using var canary = await LiveCanary.StartAsync();
        var kube = Directory.CreateDirectory(Path.Combine(canary.Directory, ".kube"));
        File.Copy(canary.Kubeconfig, Path.Combine(kube.FullName, "config"));

        Assert.Equal("forward", await ActionAsync(Surroundings.None with { Home = canary.Directory }));
    }

    [Fact]
    public async Task In_a_pod_the_service_account_is_used_and_its_namespace()
    {
        await using var canary = await LiveCanary.StartAsync(static options => options.EnforceAccess = true);
        var account = Path.Combine(canary.Directory, "serviceaccount");
        canary.Cluster.WriteServiceAccount(account, LiveCanary.Namespace, "client");

        Assert.Equal("forward", await ActionAsync(Surroundings.None with
        {
            ServiceAccountDirectory = account,
            Variable = name => name switch
            {
                "KUBERNETES_SERVICE_HOST" => canary.Cluster.Address.Host,
                "KUBERNETES_SERVICE_PORT" => $"{canary.Cluster.Address.Port}",
                _ => null,
            },
        }));
    }

    [Fact]
    public async Task Files_and_contexts_that_are_not_there_are_named()
    {
        await using var canary = await LiveCanary.StartAsync();

        var file = await ToolRun.Of("explain", "--kubeconfig", "/no/such/file", "http://backend/");
        Assert.Equal((2, "mesh: --kubeconfig '/no/such/file': there is no such file"), (file.ExitCode, Assert.Single(file.ErrorLines)));

        var context = await canary.RunAsync("explain", "--context", "gone", "http://backend/");
        Assert.Equal((2, ""), (context.ExitCode, context.Out));
        Assert.Contains("--context 'gone'", Assert.Single(context.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("explain", "http://backend/")]
    [InlineData("curl", "http://backend/")]
    [InlineData("describe", "service", "backend")]
    [InlineData("get", "routes", "-A")]
    public async Task A_server_that_is_away_ends_every_command_soon(params string[] command)
    {
        await using var canary = await LiveCanary.StartAsync();
        await using var away = await canary.Cluster.Faults.StopListeningAsync();

        await EndsSoonAsync(canary, canary.Kubeconfig, command, "cannot be reached: Connection refused");
    }

    [Fact]
    public async Task A_server_that_is_back_at_the_second_attempt_is_read()
    {
        await using var canary = await LiveCanary.StartAsync();
        using var restart = canary.Cluster.Faults.Answer(503, static request => request.Verb == "list", times: 1);

        var run = await canary.RunAsync("explain", "-o", "json", "http://backend/");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal("forward", run.Json.GetProperty("action").GetString());
    }

    [Fact]
    public async Task A_server_of_another_authority_is_not_believed()
    {
        await using var canary = await LiveCanary.StartAsync();
        await using var other = await Testing.EmbeddedKubernetes.StartAsync();
        var path = Path.Combine(canary.Directory, "other");
        other.WriteKubeconfig(path, LiveCanary.Namespace);
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path)).Replace(
            $":{other.Address.Port}", $":{canary.Cluster.Address.Port}", StringComparison.Ordinal));

        await EndsSoonAsync(canary, path, ["explain", "http://backend/"], "certificate");
    }

    [Fact]
    public async Task A_token_that_is_refused_is_told_as_such()
    {
        await using var canary = await LiveCanary.StartAsync();
        var path = Path.Combine(canary.Directory, "stranger");
        canary.Cluster.WriteKubeconfig(path, LiveCanary.Namespace, token: "nobody's");

        await EndsSoonAsync(canary, path, ["explain", "http://backend/"], "does not accept the credentials of context ");
    }

    private static async Task EndsSoonAsync(LiveCanary canary, string kubeconfig, string[] command, string reason)
    {
        var run = await ToolRun.Of([.. command, "--kubeconfig", kubeconfig]);

        Assert.Equal((2, ""), (run.ExitCode, run.Out));
        var line = Assert.Single(run.ErrorLines);
        Assert.Contains($"within 2 s; tried kubeconfig {kubeconfig}, context ", line, StringComparison.Ordinal);
        Assert.Contains(reason, line, StringComparison.Ordinal);

        // The server learns from the connection that a watch has ended, after the command has.
        while (canary.Cluster.ActiveWatches.Count > 0)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<string?> ActionAsync(ToolEnvironment environment, params string[] options)
    {
        var run = await ToolRun.In(environment, ["explain", "-o", "json", "http://backend/", .. options]);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return run.Json.GetProperty("action").GetString();
    }

    private static string Contexts(LiveCanary canary, params (string Name, string? Namespace)[] contexts)
    {
        var cluster = canary.Cluster;
        var authority = Convert.ToBase64String(Encoding.UTF8.GetBytes(cluster.CertificateAuthority));
        return $$"""
            apiVersion: v1
            kind: Config
            current-context: {{contexts[0].Name}}
            clusters: [{ name: embedded, cluster: { server: "{{cluster.Address}}", certificate-authority-data: {{authority}} } }]
            users: [{ name: client, user: { token: {{cluster.CreateToken(LiveCanary.Namespace, "client")}} } }]
            contexts:
            {{string.Join('\n', contexts.Select(static c =>
                $"- {{ name: {c.Name}, context: {{ cluster: embedded, user: client{(c.Namespace is null ? "" : $", namespace: {c.Namespace}")} }} }}"))}}
            """;
    }
}
