namespace MeshSdk.Kubernetes.Tests.EndToEnd;

/// <summary>The canary of the samples, from the API server to the servers in the pods.</summary>
public sealed class ReferenceCaseTests
{
    [Theory]
    [InlineData(Credentials.Kubeconfig)]
    [InlineData(Credentials.ServiceAccount)]
    public async Task The_first_twenty_calls_of_a_process_are_eighteen_and_two(Credentials credentials)
    {
        await using var cluster = await CanaryCluster.StartAsync();
        await using var process = MeshProcess.Start(cluster, credentials: credentials);
        Assert.Equal("v1=18 v2=2", await process.TallyAsync(20));
        Assert.Equal("v1=18 v2=2", await process.TallyAsync(20, "http://backend.istio-test.svc.cluster.local"));
    }

    [Fact]
    public async Task The_same_without_dependency_injection()
    {
        await using var cluster = await CanaryCluster.StartAsync();
        await using var mesh = await KubernetesMesh.StartAsync(
            new MeshOptions { Security = MeshSecurity.Off, Startup = { Timeout = MeshProcess.Patience } },
            new MeshKubernetesOptions
            {
                Kubeconfig = cluster.Kubeconfig,
                ServiceAccountDirectory = cluster.Files.At("none"),
                FirstCallTimeout = MeshProcess.Patience,
            },
            cancellationToken: TestContext.Current.CancellationToken);
        using var client = mesh.CreateClient();
        var answers = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            answers.Add(await client.GetStringAsync("http://backend", TestContext.Current.CancellationToken));
        }

        Assert.Equal((18, 2), (answers.Count(static answer => answer == "v1"), answers.Count(static answer => answer == "v2")));
    }

    [Theory]
    [InlineData(MeshKubernetesScope.Namespaces)]
    [InlineData(MeshKubernetesScope.Cluster)]
    public async Task The_same_where_everything_is_followed_from_the_start(MeshKubernetesScope scope)
    {
        await using var cluster = await CanaryCluster.StartAsync();
        await using var process = await MeshProcess.StartReadyAsync(cluster, options => options.Scope = scope);

        // Pods come last: that they are needed is only known from the rules.
        await Wait.UntilAsync(() => process.Mesh.Watches.Any(static watch => watch is { Kind: "Pod", State: MeshWatchState.Live }));
        var requests = cluster.Requests.Count;
        Assert.Equal("v1=18 v2=2", await process.TallyAsync(20));
        Assert.Equal("outside", (await process.GetAsync("http://nobody")).Body);
        Assert.Equal("outside", (await process.GetAsync("http://github.com")).Body);
        Assert.Equal(requests, cluster.Requests.Count);
    }

    [Fact]
    public async Task Weights_that_are_patched_are_obeyed_and_no_call_is_lost()
    {
        await using var cluster = await CanaryCluster.StartAsync();
        await using var process = await MeshProcess.StartReadyAsync(cluster);
        await using var load = new SteadyLoad(process);
        for (var i = 0; i < 5; i++)
        {
            await cluster.SplitAsync(0, 100);
            await Wait.UntilAsync(async () => await process.TallyAsync(5) == "v2=5");
            await cluster.SplitAsync(100, 0);
            await Wait.UntilAsync(async () => await process.TallyAsync(5) == "v1=5");
        }

        await load.EndAsync();
    }

    [Fact]
    public async Task A_canary_that_nobody_has_called_before_is_loaded_before_its_route_counts()
    {
        await using var cluster = await CanaryCluster.StartAsync();
        await using var process = await MeshProcess.StartReadyAsync(cluster);
        await using var load = new SteadyLoad(process);
        for (var i = 3; i < 8; i++)
        {
            var version = $"v{i}";
            await cluster.AddPodAsync(version, $"backend-{version}-1");
            await cluster.AddServiceAsync($"backend-{version}", version);
            await cluster.UntilEndpointsAsync(($"backend-{version}", 1));
            await cluster.RouteAsync(("backend-v1", 0), ($"backend-{version}", 1));
            await Wait.UntilAsync(async () => await process.TallyAsync(3) == $"{version}=3");
        }

        await load.EndAsync();
    }

    [Fact]
    public async Task Pods_come_and_go_and_no_call_is_lost()
    {
        await using var cluster = await CanaryCluster.StartAsync();
        await cluster.SplitAsync(0, 1);
        await using var process = await MeshProcess.StartReadyAsync(cluster);
        await using var load = new SteadyLoad(process);
        for (var i = 0; i < 5; i++)
        {
            await using var pod = await cluster.AddPodAsync("v2", $"extra-{i}");
            await Wait.UntilAsync(() => pod.Calls > 2);
            if (i % 2 == 0)
            {
                await pod.TerminateAsync();
            }
            else
            {
                await pod.RemoveAsync();
            }

            var calls = -1;
            await Wait.UntilAsync(async () =>
            {
                var before = calls;
                await process.TallyAsync(6);
                calls = pod.Calls;
                return before == calls;
            });
        }

        await load.EndAsync();
    }

    [Fact]
    public async Task An_alias_is_resolved_by_DNS()
    {
        await using var cluster = await CanaryCluster.StartAsync();
        await cluster.Api.ApplyAsync("""
            apiVersion: v1
            kind: Service
            metadata: { name: alias, namespace: istio-test }
            spec: { type: ExternalName, externalName: example.org }
            """, TestContext.Current.CancellationToken);
        await using var process = await MeshProcess.StartReadyAsync(cluster, configure: static options => options.Outbound = MeshOutbound.RegistryOnly);
        Assert.Equal("outside", (await process.GetAsync("http://alias")).Body);
    }

    [Fact]
    public async Task A_service_of_another_namespace_is_reached_where_that_is_served()
    {
        await using var cluster = await CanaryCluster.StartAsync();
        await using var server = await BackendServer.StartAsync("other");
        await using var pod = await cluster.Api.AddPodAsync(
            "other", "echo-1", new Dictionary<string, string> { ["app"] = "echo" }, server.Address, ct: TestContext.Current.CancellationToken);
        await cluster.Api.ApplyAsync($$"""
            apiVersion: v1
            kind: Service
            metadata: { name: echo, namespace: other }
            spec: { selector: { app: echo }, ports: [{ port: 80, targetPort: {{server.Address.Port}} }] }
            """, TestContext.Current.CancellationToken);
        await using var process = await MeshProcess.StartReadyAsync(cluster, static options => options.Namespaces.Add("other"));
        await Wait.UntilAsync(async () => (await process.GetAsync("http://echo.other")).Body == "other");
        await using var narrow = await MeshProcess.StartReadyAsync(cluster);
        Assert.Equal("outside", (await narrow.GetAsync("http://echo.other")).Body);
    }
}
