using System.Diagnostics;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Http;

public sealed class ClusterTests
{
    [Fact]
    public async Task A_new_cluster_has_its_namespaces()
    {
        await using var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();

        var (_, namespaces) = await client.ReadAsync("/api/v1/namespaces");

        Assert.Equal(["default", "kube-node-lease", "kube-public", "kube-system"], namespaces.Names());
        Assert.Equal("Active", (string)namespaces["items"]![0]!["status"]!["phase"]!);
        Assert.Equal("default", (string)namespaces["items"]![0]!["metadata"]!["labels"]!["kubernetes.io/metadata.name"]!);
    }

    [Fact]
    public async Task Manifests_are_applied_in_order_and_the_refused_one_is_named()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.ApplyAsync("""
            apiVersion: v1
            kind: Namespace
            metadata: {name: shop}
            ---
            # Nothing.
            ---
            apiVersion: v1
            kind: List
            items:
            - apiVersion: v1
              kind: ConfigMap
              metadata: {name: a, namespace: shop}
              data: {value: "1"}
            - apiVersion: v1
              kind: ConfigMap
              metadata: {name: b}
            """);

        Assert.Contains("\"1\"", await cluster.GetAsync("ConfigMap", "shop", "a"), StringComparison.Ordinal);
        Assert.NotNull(await cluster.GetAsync("configmaps", null, "b"));
        Assert.Null(await cluster.GetAsync("cm", "shop", "b"));
        var refusal = await Assert.ThrowsAsync<EmbeddedKubernetesException>(() => cluster.ApplyAsync(
            """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"none"}}"""));
        Assert.Equal("ConfigMap none/a was refused: namespaces \"none\" not found", refusal.Message);
        Assert.Equal((404, "NotFound"), (refusal.StatusCode, refusal.Reason));
        Assert.Contains("Thing x", (await Assert.ThrowsAsync<EmbeddedKubernetesException>(() => cluster.ApplyAsync(
            """{"apiVersion":"example.com/v1","kind":"Thing","metadata":{"name":"x"}}"""))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<FormatException>(() => cluster.ApplyAsync("a: ["));
    }

    [Fact]
    public async Task Objects_are_patched_and_deleted()
    {
        await using var cluster = await Cluster.StartAsync();
        await cluster.ApplyAsync(Cluster.Route("a").ToJsonString());

        await cluster.PatchAsync("HTTPRoute", "default", "a", """{"metadata":{"labels":{"x":"y"}}}""");

        Assert.Contains("\"x\": \"y\"", await cluster.GetAsync("httproutes.gateway.networking.k8s.io", null, "a"), StringComparison.Ordinal);
        Assert.True(await cluster.DeleteAsync("HTTPRoute", "default", "a"));
        Assert.False(await cluster.DeleteAsync("HTTPRoute", "default", "a"));
        await Assert.ThrowsAsync<EmbeddedKubernetesException>(() => cluster.PatchAsync("HTTPRoute", "default", "a", "{}"));
    }

    [Fact]
    public async Task It_is_gone_at_once_whatever_is_running()
    {
        var cluster = await Cluster.StartAsync();
        using var client = cluster.CreateClient();
        using var other = cluster.CreateClient();
        using var second = await WatchReader.OpenAsync(client, $"{Cluster.ConfigMaps}?watch=true");
        using var first = await WatchReader.OpenAsync(client, $"{Cluster.ConfigMaps}?watch=true", version: new Version(1, 1));
        cluster.Faults.HangRequests(request => request.Verb == "list");
        cluster.Faults.HangWatches();
        var hanging = other.ReadAsync(Cluster.ConfigMaps);
        await client.ReadAsync("/version");

        var began = Stopwatch.GetTimestamp();
        await cluster.DisposeAsync();
        var took = Stopwatch.GetElapsedTime(began);

        // Below the half minute after which a host gives up on what hangs.
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => hanging);
        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task Admissions_complete_and_refuse_objects_and_controllers_run_beside()
    {
        var controller = new Labeller();
        var cluster = await Cluster.StartAsync(options =>
        {
            options.ExtraAdmissions.Add(_ => new Gatekeeper());
            options.ExtraControllers.Add(controller);
        });
        await cluster.ApplyAsync(Cluster.ConfigMap("a").ToJsonString());

        await controller.Seen.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Contains("\"seen\": \"yes\"", await cluster.GetAsync("cm", null, "a"), StringComparison.Ordinal);
        Assert.Contains("\"admitted\": \"created\"", await cluster.GetAsync("cm", null, "a"), StringComparison.Ordinal);
        Assert.Equal(403, (await Assert.ThrowsAsync<EmbeddedKubernetesException>(() => cluster.ApplyAsync(Cluster.ConfigMap("refused").ToJsonString()))).StatusCode);
        await cluster.DisposeAsync();
        Assert.True(controller.IsStopped);
    }

    [Fact]
    public async Task The_servers_own_parts_see_every_change_and_may_write_what_clients_may_not()
    {
        await using var cluster = await Cluster.StartAsync();
        using var stop = new CancellationTokenSource();
        var changes = cluster.Api.Watch("", "pods", stop.Token);
        var pod = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "a", ["namespace"] = "default" },
            ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "c", ["image"] = "i" }) },
            ["status"] = new JsonObject { ["phase"] = "Running" },
        };
        var created = cluster.Api.Put("", "pods", pod);
        created["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";
        cluster.Api.Put("", "pods", created);
        var same = cluster.Api.Put("", "pods", cluster.Api.Get("", "pods", "default", "a")!);
        Assert.True(cluster.Api.Delete("", "pods", "default", "a"));
        Assert.False(cluster.Api.Delete("", "pods", "default", "a"));

        var seen = new List<(string Type, string Phase, bool IsTerminating)>();
        for (var i = 0; i < 3; i++)
        {
            var change = await changes.ReadAsync(TestContext.Current.CancellationToken);
            seen.Add((change.Type, (string)change.Content["status"]!["phase"]!, change.Content["metadata"]!["deletionTimestamp"] is not null));
        }

        Assert.Equal([("ADDED", "Running", false), ("MODIFIED", "Running", true), ("DELETED", "Running", true)], seen);
        Assert.Equal("2026-01-01T00:00:00Z", (string)same["metadata"]!["deletionTimestamp"]!);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await changes.Completion);
    }

    private sealed class Gatekeeper : IAdmission
    {
        public void Admit(ResourceType type, JsonObject? before, JsonObject after)
        {
            if (type.Kind != "ConfigMap")
            {
                return;
            }

            if (after.Name() == "refused")
            {
                throw new ApiException(403, "Forbidden", "no");
            }

            if (before is null)
            {
                after["data"]!["admitted"] = "created";
            }
        }
    }

    private sealed class Labeller : IController
    {
        public TaskCompletionSource Seen { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsStopped { get; private set; }

        public async Task RunAsync(IClusterApi api, CancellationToken cancellationToken)
        {
            try
            {
                await foreach (var change in api.Watch("", "configmaps", cancellationToken).ReadAllAsync(cancellationToken))
                {
                    if (change.Content["data"]!["seen"] is null)
                    {
                        change.Content["data"]!["seen"] = "yes";
                        api.Put("", "configmaps", change.Content);
                        Seen.TrySetResult();
                    }
                }
            }
            finally
            {
                IsStopped = true;
            }
        }
    }
}
