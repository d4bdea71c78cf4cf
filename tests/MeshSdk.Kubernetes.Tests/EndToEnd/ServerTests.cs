using MeshSdk.Model;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Kubernetes.Tests.EndToEnd;

/// <summary>A process that others call, on an API server: what is asked of its callers follows the objects there, as far as it may read them.</summary>
public sealed class ServerTests
{
    // A refusal is tried again after a minute, and up to a tenth of that later.
    private static readonly TimeSpan RetryBound = TimeSpan.FromSeconds(67);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task Policies_that_are_applied_come_into_force_and_those_that_are_deleted_go()
    {
        // By the system's clock, which nobody moves on: what comes, comes by the watch alone.
        await using var cluster = await CanaryCluster.StartAsync();
        await cluster.Api.ApplyAsync("{apiVersion: v1, kind: Namespace, metadata: {name: istio-system}}", TestContext.Current.CancellationToken);
        await AddOwnPodAsync(cluster);
        await using var process = await StartAsync(cluster, Credentials.Kubeconfig, time: null);
        Assert.Equal((null, null), (process.Mesh.Runtime.Inbound.Unknown, process.Mesh.Runtime.Inbound.Mode));
        Assert.Equal(true, process.Mesh.Runtime.Inbound.IsAdvertised);

        await cluster.Api.ApplyAsync(Peers("istio-test", "STRICT", "app: server"), TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => process.Mesh.Runtime.Inbound.Mode is { Mode: PeerMode.Strict, Text: "PeerAuthentication istio-test/server says STRICT" });
        await cluster.Api.PatchAsync("PeerAuthentication", "istio-test", "server", """{"spec":{"portLevelMtls":{"8081":{"mode":"DISABLE"}}}}""");
        await Wait.UntilAsync(() => process.Mesh.Runtime.Inbound.Ports.GetValueOrDefault(8081)?.Mode == PeerMode.Disable);

        foreach (var ns in new[] { "istio-test", "istio-system" })
        {
            var before = process.Mesh.Runtime.Inbound;
            await cluster.Api.ApplyAsync(Authorization(ns), TestContext.Current.CancellationToken);
            await Wait.UntilAsync(() => process.Mesh.Runtime.Inbound is var now && !ReferenceEquals(now, before) && now.Mode == before.Mode);
        }

        // What is asked of the callers of others is no matter of this process.
        var known = process.Mesh.Runtime.Inbound;
        await cluster.Api.ApplyAsync(Authorization("default"), TestContext.Current.CancellationToken);
        await cluster.Api.ApplyAsync(Peers("default", "DISABLE", "app: server"), TestContext.Current.CancellationToken);
        await cluster.Api.ApplyAsync("""
            apiVersion: security.istio.io/v1
            kind: RequestAuthentication
            metadata: { name: jwt, namespace: istio-test }
            spec: { selector: { matchLabels: { app: server } }, jwtRules: [{ issuer: me }] }
            """, TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => process.Mesh.Diagnostics.Any(static problem => problem.Subject == "RequestAuthentication istio-test/jwt"));
        Assert.Equal(known.Mode, process.Mesh.Runtime.Inbound.Mode);

        await cluster.Api.DeleteAsync("peerauthentications", "istio-test", "server", TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => process.Mesh.Runtime.Inbound is { Mode: null, Ports.IsEmpty: true, Unknown: null });
    }

    [Fact]
    public async Task A_change_that_the_watch_tells_is_in_force_without_any_wait_on_a_clock()
    {
        // A clock that stands still: whatever waited for it, for however little, would never come.
        await using var cluster = await CanaryCluster.StartAsync();
        await AddOwnPodAsync(cluster);
        await using var process = await StartAsync(cluster, Credentials.Kubeconfig, _time);
        foreach (var mode in new[] { PeerMode.Strict, PeerMode.Disable })
        {
            var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            process.Mesh.Runtime.InboundChanged += () =>
            {
                if (process.Mesh.Runtime.Inbound.Mode?.Mode == mode)
                {
                    heard.TrySetResult();
                }
            };
            var before = _time.GetTimestamp();
            await cluster.Api.ApplyAsync(Peers("istio-test", mode.ToString().ToUpperInvariant(), "app: server"), TestContext.Current.CancellationToken);
            await heard.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            Assert.Equal(before, _time.GetTimestamp());
        }
    }

    [Theory]
    [InlineData(MeshKubernetesScope.OnDemand, "rbac.yaml")]
    [InlineData(MeshKubernetesScope.Namespaces, "rbac.yaml")]
    [InlineData(MeshKubernetesScope.Cluster, "rbac-cluster.yaml")]
    public async Task The_role_for_servers_suffices_beside_those_for_clients_and_has_no_rule_to_spare(MeshKubernetesScope scope, string roles)
    {
        await using var cluster = await StartClusterAsync(roles, "rbac-server.yaml");
        await AddOwnPodAsync(cluster);
        await RunAsync();
        using var old = cluster.Faults.Answer(400, static request => request.Query.Contains("sendInitialEvents", StringComparison.Ordinal));
        await RunAsync();
        Assert.DoesNotContain(
            cluster.Access!.UnusedRules(), static rule => rule.ToString()!.Contains("authorizationpolicies", StringComparison.Ordinal)
                || rule.ToString()!.Contains("requestauthentications", StringComparison.Ordinal));
        Assert.All(
            cluster.Requests.Where(static request => request.Resource is "authorizationpolicies" or "requestauthentications"),
            static request => Assert.Contains(request.Namespace, new[] { "istio-test", "istio-system" }));

        async Task RunAsync()
        {
            await using var process = await StartAsync(cluster, Credentials.ServiceAccount, _time, options => options.Scope = scope);
            Assert.Null(process.Mesh.Runtime.Inbound.Unknown);
            Assert.Equal(true, process.Mesh.Runtime.Inbound.IsAdvertised);
            Assert.Equal(HealthStatus.Healthy, (await process.HealthAsync()).Status);
            foreach (var kind in new[] { "AuthorizationPolicy", "RequestAuthentication", "PeerAuthentication" })
            {
                await Wait.UntilAsync(() => process.Mesh.Watches.Any(watch => watch.Kind == kind && watch.State == MeshWatchState.Live));
            }
        }
    }

    [Theory]
    [InlineData("authorizationpolicies", "istio-test")]
    [InlineData("authorizationpolicies", "istio-system")]
    [InlineData("peerauthentications", "istio-test")]
    [InlineData("peerauthentications", "istio-system")]
    public async Task Policies_that_may_not_be_read_close_the_door_until_they_are_granted_and_the_last_known_ones_stay(string resource, string ns)
    {
        await using var cluster = await StartClusterAsync("rbac.yaml", "rbac-server.yaml");
        cluster.Revoke(ns, resource);
        await using var process = await StartAsync(cluster, Credentials.ServiceAccount, _time);
        var rule = $"{{apiGroups: [\"security.istio.io\"], resources: [{resource}], verbs: [list, watch]}} by a Role in namespace {ns}";
        Assert.Contains(rule, process.Mesh.Runtime.Inbound.Unknown, StringComparison.Ordinal);
        var health = await process.HealthAsync();
        Assert.Equal(HealthStatus.Unhealthy, health.Status);
        Assert.StartsWith("Callers are answered 503, since it is not known what is asked of them: ", health.Description, StringComparison.Ordinal);
        Assert.Contains(rule, health.Description, StringComparison.Ordinal);
        Assert.Contains(process.Log.GetSnapshot(), record => record is { Level: LogLevel.Error, Id.Name: "InboundUnknown" } && record.Message.Contains(rule, StringComparison.Ordinal));

        await cluster.ApplySamplesAsync("rbac.yaml", "rbac-server.yaml");
        await Wait.UntilAsync(() => Task.FromResult(process.Mesh.Runtime.Inbound.Unknown is null), _time, RetryBound);
        await Wait.UntilAsync(async () => (await process.HealthAsync()).Status == HealthStatus.Healthy, _time, RetryBound);

        var known = process.Mesh.Runtime.Inbound;
        cluster.Revoke(ns, resource);
        cluster.Faults.CutWatches();
        await Wait.UntilAsync(() => Task.FromResult(process.Mesh.Watches.Any(watch => watch is { State: MeshWatchState.Forbidden, Age: not null })), _time);
        Assert.Same(known, process.Mesh.Runtime.Inbound);
    }

    [Fact]
    public async Task What_the_mesh_says_of_itself_closes_the_door_as_well_until_it_is_granted_or_options_say_it()
    {
        await using var cluster = await StartClusterAsync("rbac.yaml", "rbac-server.yaml");
        cluster.Revoke("istio-system", "configmaps");
        await using (var process = await StartAsync(cluster, Credentials.ServiceAccount, _time))
        {
            Assert.Contains("resources: [configmaps]", process.Mesh.Runtime.Inbound.Unknown, StringComparison.Ordinal);
            Assert.EndsWith("or state Mesh:RootNamespace and Mesh:TrustDomain", process.Mesh.Runtime.Inbound.Unknown, StringComparison.Ordinal);
            Assert.Equal(HealthStatus.Unhealthy, (await process.HealthAsync()).Status);
            await cluster.ApplySamplesAsync("rbac-server.yaml");
            await Wait.UntilAsync(() => Task.FromResult(process.Mesh.Runtime.Inbound.Unknown is null), _time, RetryBound);
            await Wait.UntilAsync(async () => (await process.HealthAsync()).Status == HealthStatus.Healthy, _time, RetryBound);
        }

        cluster.Revoke("istio-system", "configmaps");
        await using var stating = await StartAsync(
            cluster, Credentials.ServiceAccount, _time, mesh: static options => (options.RootNamespace, options.TrustDomain) = ("istio-system", "cluster.local"));
        Assert.Null(stating.Mesh.Runtime.Inbound.Unknown);
        Assert.Equal(HealthStatus.Healthy, (await stating.HealthAsync()).Status);
    }

    [Fact]
    public async Task Tokens_that_may_not_be_read_of_cost_a_line_in_the_log_and_nothing_else()
    {
        await using var cluster = await StartClusterAsync("rbac.yaml", "rbac-server.yaml");
        cluster.Revoke("istio-test", "requestauthentications");
        cluster.Revoke("istio-system", "requestauthentications");
        await using var process = await StartAsync(cluster, Credentials.ServiceAccount, _time);
        Assert.Null(process.Mesh.Runtime.Inbound.Unknown);
        Assert.Equal(HealthStatus.Healthy, (await process.HealthAsync()).Status);
        Assert.Contains(process.Log.GetSnapshot(), static record => record.Message.Contains("resources: [requestauthentications]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_cluster_without_Istio_asks_for_nothing_and_needs_no_role()
    {
        await using var cluster = await StartClusterAsync("rbac.yaml");
        cluster.Revoke("istio-system", "configmaps");
        foreach (var kind in new[] { "authorizationpolicies", "requestauthentications", "peerauthentications" })
        {
            cluster.Kinds.Undefine($"{kind}.security.istio.io");
        }

        await using var process = await StartAsync(cluster, Credentials.ServiceAccount, _time);
        Assert.Equal((null, null), (process.Mesh.Runtime.Inbound.Unknown, process.Mesh.Runtime.Inbound.Mode));
        Assert.Equal(HealthStatus.Healthy, (await process.HealthAsync()).Status);
    }

    [Fact]
    public async Task An_API_server_that_goes_away_takes_no_policy_with_it()
    {
        await using var cluster = await CanaryCluster.StartAsync(_time);
        await cluster.Api.ApplyAsync(Peers("istio-test", "STRICT", "app: server"), TestContext.Current.CancellationToken);
        await AddOwnPodAsync(cluster);
        await using var process = await StartAsync(cluster, Credentials.Kubeconfig, _time);
        var known = process.Mesh.Runtime.Inbound;
        Assert.Equal(PeerMode.Strict, known.Mode!.Mode);
        await using var outage = await cluster.Faults.StopListeningAsync();
        cluster.Faults.CutWatches();
        await Wait.UntilAsync(() => Task.FromResult(process.Mesh.Watches.Any(static watch => watch.State == MeshWatchState.Stale)), _time);
        Assert.Same(known, process.Mesh.Runtime.Inbound);
    }

    [Fact]
    public async Task Where_the_own_pod_may_not_be_read_each_policy_for_some_pods_may_be_for_it()
    {
        await using var cluster = await StartClusterAsync("rbac.yaml", "rbac-server.yaml");
        cluster.Revoke("istio-test", "pods");
        await AddOwnPodAsync(cluster);
        await cluster.Api.ApplyAsync(Peers("istio-test", "STRICT", "app: another"), TestContext.Current.CancellationToken);
        await using var process = await StartAsync(cluster, Credentials.ServiceAccount, _time);
        Assert.Equal(PeerMode.Strict, process.Mesh.Runtime.Inbound.Mode!.Mode);
        Assert.Contains(process.Mesh.Diagnostics, static problem => problem.Subject == "PeerAuthentication istio-test/server" && problem.Message.Contains("POD_NAME", StringComparison.Ordinal));

        await cluster.ApplySamplesAsync("rbac.yaml");
        await Wait.UntilAsync(() => Task.FromResult(process.Mesh.Runtime.Inbound.Mode is null), _time, RetryBound);

        // What is asked of callers comes into force before the snapshot that says so.
        await Wait.UntilAsync(
            () => Task.FromResult(process.Mesh.Diagnostics.All(static problem => problem.Subject != "PeerAuthentication istio-test/server")), _time, RetryBound);
    }

    private static Task<MeshProcess> StartAsync(CanaryCluster cluster, Credentials credentials, TimeProvider? time, Action<MeshKubernetesOptions>? kubernetes = null, Action<MeshOptions>? mesh = null) =>
        MeshProcess.StartReadyAsync(
            cluster,
            kubernetes,
            options =>
            {
                (options.ServesInbound, options.PodName, options.Security, options.Identity.Detect) = (true, "server-1", MeshSecurity.On, false);
                mesh?.Invoke(options);
            },
            time,
            credentials);

    private async Task<CanaryCluster> StartClusterAsync(params string[] roles)
    {
        var cluster = await CanaryCluster.StartAsync(_time, enforcesAccess: true);
        await cluster.Api.ApplyAsync("{apiVersion: v1, kind: Namespace, metadata: {name: istio-system}}", TestContext.Current.CancellationToken);
        await cluster.ApplySamplesAsync(roles);
        cluster.WriteCredentials(asAccount: true);
        return cluster;
    }

    private static Task AddOwnPodAsync(CanaryCluster cluster) => cluster.Api.ApplyAsync("""
        apiVersion: v1
        kind: Pod
        metadata: { name: server-1, namespace: istio-test, labels: { app: server, security.istio.io/tlsMode: istio } }
        spec: { containers: [{ name: server, image: example.com/server:1.0 }] }
        """, TestContext.Current.CancellationToken);

    private static string Peers(string ns, string mode, string selector) => $$"""
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: { name: server, namespace: {{ns}} }
        spec: { selector: { matchLabels: { {{selector}} } }, mtls: { mode: {{mode}} } }
        """;

    private static string Authorization(string ns) => $$"""
        apiVersion: security.istio.io/v1
        kind: AuthorizationPolicy
        metadata: { name: readers, namespace: {{ns}} }
        spec: { action: ALLOW, rules: [{ to: [{ operation: { methods: [GET] } }] }] }
        """;
}
