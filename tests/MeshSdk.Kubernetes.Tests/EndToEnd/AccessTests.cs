using MeshSdk.Kubernetes.DependencyInjection;
using MeshSdk.Resources;
using MeshSdk.Runtime;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Kubernetes.Tests.EndToEnd;

/// <summary>With RBAC enforced: what the shipped roles are good for, and what happens where one of their rules is missing.</summary>
public sealed class AccessTests
{
    // A refusal is tried again after a minute, and up to a tenth of that later.
    private static readonly TimeSpan RetryBound = TimeSpan.FromSeconds(67);

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Theory]
    [InlineData(MeshKubernetesScope.OnDemand, "rbac.yaml")]
    [InlineData(MeshKubernetesScope.Namespaces, "rbac.yaml")]
    [InlineData(MeshKubernetesScope.Cluster, "rbac-cluster.yaml")]
    public async Task The_shipped_roles_suffice_and_have_no_rule_to_spare(MeshKubernetesScope scope, string roles)
    {
        await using var cluster = await StartAsync(roles);
        await StateTlsAsync(cluster, "DISABLE");
        await RunAsync();

        // Servers before 1.34 may not know watches that begin with all objects. Lists are read there, for which there is a verb of its own.
        using var old = cluster.Faults.Answer(400, static request => request.Query.Contains("sendInitialEvents", StringComparison.Ordinal));
        await RunAsync();

        Assert.Empty(cluster.Access!.UnusedRules());
        Assert.DoesNotContain(cluster.Requests, static request => request.Resource is "nodes" or "secrets");

        // Of the ConfigMaps of a cluster just one is ever asked for.
        Assert.All(
            cluster.Requests.Where(static request => request.Resource == "configmaps"),
            static request => Assert.Contains("fieldSelector=metadata.name%3Distio", request.Query, StringComparison.Ordinal));

        async Task RunAsync()
        {
            await using var process = await MeshProcess.StartReadyAsync(
                cluster,
                options => options.Scope = scope,
                static options => options.Security = MeshSecurity.On,
                _time,
                Credentials.ServiceAccount);
            Assert.Equal("v1=18 v2=2", await process.TallyAsync(20));

            // Pods come last: which ones are needed is only known from the Services.
            await Wait.UntilAsync(() => process.Mesh.Watches.Any(static watch => watch is { Kind: "Pod", State: MeshWatchState.Live }));
            Assert.All(process.Mesh.Watches, static watch => Assert.Equal(MeshWatchState.Live, watch.State));
            Assert.Equal(HealthStatus.Healthy, (await process.HealthAsync()).Status);
        }
    }

    [Fact]
    public async Task The_role_for_nodes_is_good_for_places_and_has_no_rule_to_spare()
    {
        await using var cluster = await StartAsync();
        await cluster.ApplySamplesAsync("rbac-nodes.yaml");
        await PlaceAsync(cluster);
        await RunAsync();
        using var old = cluster.Faults.Answer(400, static request => request.Query.Contains("sendInitialEvents", StringComparison.Ordinal));
        await RunAsync();

        // Security is off here, so that nobody asks how peers are to be spoken to.
        Assert.DoesNotContain(
            cluster.Access!.UnusedRules(), static rule => !rule.ToString()!.Contains("peerauthentications", StringComparison.Ordinal));

        async Task RunAsync()
        {
            // The own node, and then all of them.
            var before = Watches();
            await using var process = await StartOnNodeAsync(cluster);
            Assert.Equal("v1=18 v2=2", await process.TallyAsync(20));
            await Wait.UntilAsync(() => Watches() >= before + 2);
            await Wait.UntilAsync(() => process.Mesh.Watches.Any(static watch => watch is { Kind: "Pod", State: MeshWatchState.Live }));
            await Wait.UntilAsync(() => process.Mesh.Watches.Any(static watch => watch is { Kind: "Node", State: MeshWatchState.Live }));
            Assert.Equal(HealthStatus.Healthy, (await process.HealthAsync()).Status);
        }

        int Watches() => cluster.Requests.Count(static request => request is { Resource: "nodes", Verb: "watch" });
    }

    [Fact]
    public async Task Nodes_that_may_not_be_read_cost_a_line_in_the_log_and_nothing_else()
    {
        await using var cluster = await StartAsync();
        await PlaceAsync(cluster);
        await using var process = await StartOnNodeAsync(cluster);
        Assert.Equal("v1=18 v2=2", await process.TallyAsync(20));
        Assert.Single(process.Log.GetSnapshot(), static record => record.Message.Contains("resources: [nodes]", StringComparison.Ordinal));
        Assert.DoesNotContain(await UnknownAsync(cluster), static scope => scope.Kind == "Node");
        Assert.Equal(HealthStatus.Healthy, (await process.HealthAsync()).Status);
    }

    private static async Task PlaceAsync(CanaryCluster cluster)
    {
        await cluster.Api.ApplyAsync("""
            apiVersion: v1
            kind: Node
            metadata: { name: node-a, labels: { topology.kubernetes.io/region: eu, topology.kubernetes.io/zone: eu-a } }
            """, TestContext.Current.CancellationToken);
        await cluster.Api.PatchAsync(
            "DestinationRule", CanaryCluster.Namespace, "backend-v1-settings", """{"spec":{"trafficPolicy":{"outlierDetection":{"consecutive5xxErrors":5}}}}""");
    }

    private Task<MeshProcess> StartOnNodeAsync(CanaryCluster cluster) => MeshProcess.StartReadyAsync(
        cluster, configure: static options => options.NodeName = "node-a", time: _time, credentials: Credentials.ServiceAccount);

    /// <summary>What the rules for the backends say of TLS. The servers of this cluster speak plaintext.</summary>
    private static async Task StateTlsAsync(CanaryCluster cluster, string mode)
    {
        foreach (var name in new[] { "backend-v1-settings", "backend-v2-settings" })
        {
            var policy = "{\"tls\":{\"mode\":\"" + mode + "\"}}";
            await cluster.Api.PatchAsync("DestinationRule", CanaryCluster.Namespace, name, "{\"spec\":{\"trafficPolicy\":" + policy + "}}");
        }
    }

    [Fact]
    public async Task The_role_for_waypoints_is_good_for_them_and_has_no_rule_to_spare()
    {
        await using var cluster = await StartAsync();
        await cluster.ApplySamplesAsync("rbac-waypoints.yaml");
        await using var process = await StartProcessAsync(cluster);
        Assert.Equal("v1=18 v2=2", await process.TallyAsync(20));
        await Wait.UntilAsync(() => process.Mesh.Watches.Any(static watch => watch is { Kind: "Namespace", State: MeshWatchState.Live }));
        using (cluster.Faults.Answer(400, static request => request.Query.Contains("sendInitialEvents", StringComparison.Ordinal)))
        {
            await using var old = await StartProcessAsync(cluster);
            await Wait.UntilAsync(() => old.Mesh.Watches.Any(static watch => watch is { Kind: "Namespace", State: MeshWatchState.Live }));
        }

        Assert.DoesNotContain(cluster.Access!.UnusedRules(), static rule => rule.ToString()!.Contains("namespaces", StringComparison.Ordinal));

        // Nobody leads the calls of this process to a waypoint.
        await cluster.Api.PatchAsync("namespaces", null, CanaryCluster.Namespace, """{"metadata":{"labels":{"istio.io/use-waypoint":"gate"}}}""");
        await Wait.UntilAsync(async () => (await process.GetAsync()).Status == 503);
        Assert.Contains("Mesh:AllowWaypointBypass=true", (await process.GetAsync()).Reason, StringComparison.Ordinal);
        Assert.Contains(process.Mesh.Diagnostics, static problem => problem.Code == "WaypointBypassed");
        Assert.Equal(HealthStatus.Healthy, (await process.HealthAsync()).Status);

        await cluster.Api.PatchAsync("namespaces", null, CanaryCluster.Namespace, """{"metadata":{"labels":{"istio.io/use-waypoint":"none"}}}""");
        await Wait.UntilAsync(async () => (await process.GetAsync()).Status == 200);
    }

    [Fact]
    public async Task Namespaces_that_may_not_be_read_cost_a_line_in_the_log_and_the_labels_of_Services_count_all_the_same()
    {
        await using var cluster = await StartAsync();
        await using var process = await StartProcessAsync(cluster);
        Assert.Equal("v1=18 v2=2", await process.TallyAsync(20));
        var line = Assert.Single(process.Log.GetSnapshot(), static record => record.Message.Contains("resourceNames: [istio-test]", StringComparison.Ordinal));
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.DoesNotContain(process.Mesh.Diagnostics, static problem => problem.Code == "Forbidden");
        Assert.Equal(HealthStatus.Healthy, (await process.HealthAsync()).Status);

        await cluster.Api.PatchAsync("Service", CanaryCluster.Namespace, "backend", """{"metadata":{"labels":{"istio.io/use-waypoint":"gate"}}}""");
        await Wait.UntilAsync(async () => (await process.GetAsync()).Status == 503);
    }

    [Fact]
    public async Task The_role_for_Secrets_is_good_for_those_that_policies_name_and_has_no_rule_to_spare()
    {
        await using var cluster = await StartAsync();
        await cluster.ApplySamplesAsync("rbac-secrets.yaml");
        await StateTlsAsync(cluster, "DISABLE");
        await cluster.Api.PatchAsync(
            "DestinationRule", CanaryCluster.Namespace, "backend-v2-settings", """{"spec":{"trafficPolicy":{"tls":{"mode":"SIMPLE","credentialName":"backend-client-credential"}}}}""");
        await cluster.Api.ApplyAsync("""
            apiVersion: gateway.networking.k8s.io/v1
            kind: BackendTLSPolicy
            metadata: { name: authorities, namespace: istio-test }
            spec:
              targetRefs: [{ group: "", kind: Service, name: backend }]
              validation: { hostname: backend.example, caCertificateRefs: [{ group: "", kind: ConfigMap, name: backend-authorities }] }
            """, TestContext.Current.CancellationToken);
        await RunAsync();
        using var old = cluster.Faults.Answer(400, static request => request.Query.Contains("sendInitialEvents", StringComparison.Ordinal));
        await RunAsync();

        Assert.DoesNotContain(cluster.Access!.UnusedRules(), static rule =>
            rule.ToString()!.Contains("secrets", StringComparison.Ordinal) || rule.ToString()!.Contains("configmaps", StringComparison.Ordinal));
        Assert.All(
            cluster.Requests.Where(static request => request.Resource is "secrets" or "configmaps"),
            static request => Assert.Contains("fieldSelector=metadata.name%3D", request.Query, StringComparison.Ordinal));

        async Task RunAsync()
        {
            await using var process = await MeshProcess.StartReadyAsync(
                cluster, configure: static options => options.Security = MeshSecurity.On, time: _time, credentials: Credentials.ServiceAccount);
            await process.GetAsync();
            await Wait.UntilAsync(() => process.Mesh.Watches.Any(static watch => watch is { Kind: "Secret", State: MeshWatchState.Live }));
            await Wait.UntilAsync(() => process.Mesh.Watches.Any(static watch => watch is { Kind: "ConfigMap", Scope: "istio-test", State: MeshWatchState.Live }));
        }
    }

    [Theory]
    [InlineData("pods")]
    [InlineData("nodes")]
    [InlineData("secrets")]
    public async Task What_is_optional_may_be_missing(string resource)
    {
        await using var cluster = await StartAsync();
        cluster.Revoke(CanaryCluster.Namespace, resource);
        await using var process = await StartProcessAsync(cluster);
        Assert.Equal("v1=18 v2=2", await process.TallyAsync(20));
        await using var load = new SteadyLoad(process);
        await cluster.SplitAsync(0, 1);
        await Wait.UntilAsync(async () => await process.TallyAsync(5) == "v2=5");
        await using var pod = await cluster.AddPodAsync("v2", "extra");
        await Wait.UntilAsync(() => pod.Calls > 0);
        await load.EndAsync();
        Assert.Equal(HealthStatus.Healthy, (await process.HealthAsync()).Status);
    }

    [Fact]
    public async Task A_cluster_without_Istio_needs_no_role_in_its_root_namespace()
    {
        await using var cluster = await StartAsync(hasRootNamespace: false);
        cluster.Kinds.Undefine("destinationrules.networking.istio.io");
        await using var process = await StartProcessAsync(cluster);

        Assert.Equal("v1=18 v2=2", await process.TallyAsync(20));
        Assert.All(process.Mesh.Watches, static watch =>
            Assert.Equal(watch.Kind == "DestinationRule" ? MeshWatchState.NotInstalled : MeshWatchState.Live, watch.State));
        Assert.Equal(HealthStatus.Healthy, (await process.HealthAsync()).Status);
    }

    [Fact]
    public async Task A_cluster_with_the_kinds_and_without_a_root_namespace_names_its_own()
    {
        await using var cluster = await StartAsync(hasRootNamespace: false);
        await using var process = await MeshProcess.StartReadyAsync(
            cluster, configure: static options => options.RootNamespace = CanaryCluster.Namespace, time: _time, credentials: Credentials.ServiceAccount);

        Assert.Equal("v1=18 v2=2", await process.TallyAsync(20));
        Assert.All(process.Mesh.Watches, static watch => Assert.Equal(MeshWatchState.Live, watch.State));
        Assert.Equal(HealthStatus.Healthy, (await process.HealthAsync()).Status);
    }

    // With TLS as it is by default. The servers of this cluster speak plaintext, which no policy forbids once all can be read.
    [Theory]
    [InlineData(CanaryCluster.Namespace)]
    [InlineData("istio-system")]
    public async Task Policies_of_peers_that_may_not_be_read_fail_calls_until_they_are_granted(string ns)
    {
        const string Resource = "peerauthentications";
        await using var cluster = await StartAsync();
        cluster.Revoke(ns, Resource);
        foreach (var name in new[] { "backend-v1-settings", "backend-v2-settings" })
        {
            await cluster.Api.DeleteAsync("destinationrules", CanaryCluster.Namespace, name, TestContext.Current.CancellationToken);
        }

        await using var process = await MeshProcess.StartReadyAsync(
            cluster,
            static options => options.Pods = MeshKubernetesPods.Auto,
            static options => options.Security = MeshSecurity.On,
            _time,
            Credentials.ServiceAccount);
        var rule = $"{{apiGroups: [\"security.istio.io\"], resources: [{Resource}], verbs: [list, watch]}} by a Role in namespace {ns}";
        var reply = await process.GetAsync();
        Assert.Equal((503, "UF"), (reply.Status, reply.Flags));
        await Wait.UntilAsync(() => process.Mesh.Diagnostics.Any(problem => problem.Code == "EndpointsWithheld" && problem.Message.Contains(rule, StringComparison.Ordinal)));

        // Pods of this cluster say nothing of mutual TLS.
        await cluster.ApplySamplesAsync("rbac.yaml");
        await Wait.UntilAsync(async () => (await process.GetAsync()).Status == 200, _time, RetryBound);

        // The last known ones stay.
        cluster.Revoke(ns, Resource);
        cluster.Faults.CutWatches();
        await Wait.UntilAsync(() => Task.FromResult(process.Mesh.Watches.Any(watch => watch is { State: MeshWatchState.Forbidden, Age: not null })), _time);
        Assert.Equal(200, (await process.GetAsync()).Status);
    }

    [Fact]
    public async Task Pods_that_may_not_be_read_where_peers_have_to_prove_who_they_are_fail_calls_and_are_named()
    {
        await using var cluster = await StartAsync();
        cluster.Revoke(CanaryCluster.Namespace, "pods");
        await using var process = await MeshProcess.StartReadyAsync(
            cluster, static options => options.Pods = MeshKubernetesPods.Auto, static options => options.Security = MeshSecurity.On, _time, Credentials.ServiceAccount);
        var reply = await process.GetAsync();
        Assert.Equal((503, "UF"), (reply.Status, reply.Flags));
        const string Rule = "{apiGroups: [\"\"], resources: [pods], verbs: [list, watch]} by a Role in namespace istio-test";
        await Wait.UntilAsync(() => IsNamed());

        await cluster.ApplySamplesAsync("rbac.yaml");
        await Wait.UntilAsync(() => Task.FromResult(!IsNamed()), _time, RetryBound);
        Assert.All(
            process.Mesh.Runtime.Snapshot.Services[new(CanaryCluster.Namespace, "backend-v1")].Clusters[0].Endpoints,
            static endpoint => Assert.Equal(["spiffe://cluster.local/ns/istio-test/sa/default"], endpoint.SubjectAltNames));

        bool IsNamed() => process.Mesh.Diagnostics.Any(static problem => problem.Code == "EndpointsWithheld" && problem.Message.Contains(Rule, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_Secret_that_a_policy_names_and_nobody_may_read_fails_its_calls_alone()
    {
        await using var cluster = await StartAsync();
        await StateTlsAsync(cluster, "DISABLE");
        await cluster.Api.PatchAsync(
            "DestinationRule", CanaryCluster.Namespace, "backend-v2-settings", """{"spec":{"trafficPolicy":{"tls":{"mode":"MUTUAL","credentialName":"backend-client-credential"}}}}""");
        await using var process = await MeshProcess.StartReadyAsync(
            cluster, configure: static options => options.Security = MeshSecurity.On, time: _time, credentials: Credentials.ServiceAccount);
        Assert.Equal("v1=5", await process.TallyAsync(5, "http://backend-v1"));
        var reply = await process.GetAsync("http://backend-v2");
        Assert.Equal((503, "UF"), (reply.Status, reply.Flags));
        const string Rule = "{apiGroups: [\"\"], resources: [secrets], resourceNames: [backend-client-credential], verbs: [list, watch]} by a Role in namespace istio-test";
        Assert.Contains(process.Mesh.Diagnostics, static problem => problem.Message.Contains(Rule, StringComparison.Ordinal));
        Assert.Equal(HealthStatus.Degraded, (await process.HealthAsync()).Status);
    }

    [Theory]
    [InlineData("services", "", CanaryCluster.Namespace)]
    [InlineData("endpointslices", "discovery.k8s.io", CanaryCluster.Namespace)]
    [InlineData("httproutes", "gateway.networking.k8s.io", CanaryCluster.Namespace)]
    [InlineData("backendtlspolicies", "gateway.networking.k8s.io", CanaryCluster.Namespace)]
    [InlineData("destinationrules", "networking.istio.io", CanaryCluster.Namespace)]
    [InlineData("destinationrules", "networking.istio.io", "istio-system")]
    public async Task What_is_needed_and_missing_is_named_and_counts_soon_after_it_is_granted(string resource, string group, string ns)
    {
        await using var cluster = await StartAsync();
        cluster.Revoke(ns, resource);
        if (ns == "istio-system" || resource == "backendtlspolicies")
        {
            // A rule of the caller's own namespace is decisive, whatever the root namespace says, and whatever the backends ask for.
            foreach (var name in new[] { "backend-v1-settings", "backend-v2-settings" })
            {
                await cluster.Api.DeleteAsync("destinationrules", CanaryCluster.Namespace, name, TestContext.Current.CancellationToken);
            }
        }

        await using var process = await StartProcessAsync(cluster);
        var rule = $"{{apiGroups: [\"{group}\"], resources: [{resource}], verbs: [list, watch]}} by a Role in namespace {ns}";
        var refusal = $"not allowed to watch {resource} of {(group.Length == 0 ? "the core group" : $"group {group}")} in namespace {ns}";

        var reply = await process.GetAsync();

        Assert.Equal(503, reply.Status);
        Assert.Contains(refusal, reply.Reason, StringComparison.Ordinal);
        Assert.Contains(rule, reply.Reason, StringComparison.Ordinal);
        var health = await process.HealthAsync();
        Assert.Equal(resource is "services" or "endpointslices" ? HealthStatus.Degraded : HealthStatus.Unhealthy, health.Status);
        Assert.Contains(rule, health.Description, StringComparison.Ordinal);
        Assert.Contains(process.Log.GetSnapshot(), record => record.Message.Contains(rule, StringComparison.Ordinal));
        Assert.Contains(await UnknownAsync(cluster), scope => scope.Namespace == ns && scope.Reason.Contains(rule, StringComparison.Ordinal));

        await cluster.ApplySamplesAsync("rbac.yaml");
        await Wait.UntilAsync(async () => (await process.HealthAsync()).Status == HealthStatus.Healthy, _time, RetryBound);
        await Wait.UntilAsync(async () => (await process.GetAsync()).Status == 200);
        await process.TallyAsync(20);
    }

    [Fact]
    public async Task Roles_that_know_no_GRPCRoutes_fail_gRPC_calls_alone()
    {
        await using var cluster = await StartAsync();
        cluster.Revoke(CanaryCluster.Namespace, "grpcroutes");
        await using var process = await StartProcessAsync(cluster);
        Assert.Equal("v1=18 v2=2", await process.TallyAsync(20));

        var (status, message) = await process.CallAsync("shop.Orders/Place");
        Assert.Equal(14, status);
        Assert.Contains("resources: [grpcroutes]", message, StringComparison.Ordinal);
        var health = await process.HealthAsync();
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains("resources: [grpcroutes]", health.Description, StringComparison.Ordinal);

        await cluster.ApplySamplesAsync("rbac.yaml");
        await Wait.UntilAsync(async () => (await process.HealthAsync()).Status == HealthStatus.Healthy, _time, RetryBound);
    }

    [Fact]
    public async Task Roles_that_know_no_XBackendTrafficPolicies_cost_a_warning_and_no_call()
    {
        await using var cluster = await StartAsync();
        cluster.Revoke(CanaryCluster.Namespace, "xbackendtrafficpolicies");
        await using var process = await StartProcessAsync(cluster);
        Assert.Equal("v1=18 v2=2", await process.TallyAsync(20));
        Assert.Contains(process.Mesh.Diagnostics, static problem =>
            problem is { Code: "Forbidden", Severity: DiagnosticSeverity.Warning } && problem.Message.Contains("resources: [xbackendtrafficpolicies]", StringComparison.Ordinal));
        Assert.Equal(HealthStatus.Degraded, (await process.HealthAsync()).Status);
        Assert.DoesNotContain(await UnknownAsync(cluster), static scope => scope.Kind == "XBackendTrafficPolicy");
    }

    [Fact]
    public async Task A_ConfigMap_of_the_mesh_that_may_not_be_read_costs_a_line_in_the_log_and_neither_calls_nor_health()
    {
        await using var cluster = await StartAsync();
        cluster.Revoke("istio-system", "configmaps");
        await using var process = await StartProcessAsync(cluster);
        const string Rule = "{apiGroups: [\"\"], resources: [configmaps], resourceNames: [istio], verbs: [list, watch]} by a Role in namespace istio-system";

        Assert.Equal("v1=18 v2=2", await process.TallyAsync(20));
        Assert.Equal(HealthStatus.Healthy, (await process.HealthAsync()).Status);
        Assert.Single(process.Log.GetSnapshot(), static record =>
            record.Level == LogLevel.Warning && record.Message.Contains(Rule, StringComparison.Ordinal));
        Assert.Contains(process.Mesh.Diagnostics, static problem =>
            problem is { Code: "Forbidden", Severity: DiagnosticSeverity.Info } && problem.Message.Contains(Rule, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_configuration_of_the_mesh_changes_while_calls_go_on()
    {
        await using var cluster = await StartAsync();
        await using var process = await StartProcessAsync(cluster);
        await process.TallyAsync(20);
        await using var load = new SteadyLoad(process);
        Assert.Equal("cluster.local", process.Mesh.Runtime.Snapshot.Mesh.TrustDomain);

        await cluster.Api.ApplyAsync(
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio, namespace: istio-system}, data: {mesh: \"{trustDomain: td.example, connectTimeout: 3s}\", meshNetworks: \"networks: {}\"}}",
            TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => process.Mesh.Runtime.Snapshot.Mesh.TrustDomain == "td.example");
        Assert.All(
            process.Mesh.Runtime.Snapshot.Services.Values.SelectMany(static service => service.Clusters),
            static one => Assert.Equal(TimeSpan.FromSeconds(3), one.ConnectTimeout));

        await cluster.Api.DeleteAsync("configmaps", "istio-system", "istio", TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() => process.Mesh.Runtime.Snapshot.Mesh.TrustDomain == "cluster.local");
        await load.EndAsync();
    }

    [Fact]
    public async Task Grants_are_read_where_they_count_and_need_a_rule_then()
    {
        await using var cluster = await StartAsync();
        await using var process = await MeshProcess.StartReadyAsync(
            cluster, configure: static options => options.ReferenceGrants = MeshReferenceGrants.Enforce, time: _time, credentials: Credentials.ServiceAccount);
        Assert.Contains(process.Mesh.Watches, static watch => watch is { Kind: "ReferenceGrant", State: MeshWatchState.Forbidden });
        Assert.Equal(HealthStatus.Unhealthy, (await process.HealthAsync()).Status);

        // Nothing leads into another namespace here.
        Assert.Equal("v1=18 v2=2", await process.TallyAsync(20));
    }

    [Theory]
    [InlineData("services", CanaryCluster.Namespace)]
    [InlineData("endpointslices", CanaryCluster.Namespace)]
    [InlineData("httproutes", CanaryCluster.Namespace)]
    [InlineData("grpcroutes", CanaryCluster.Namespace)]
    [InlineData("backendtlspolicies", CanaryCluster.Namespace)]
    [InlineData("xbackendtrafficpolicies", CanaryCluster.Namespace)]
    [InlineData("destinationrules", "istio-system")]
    public async Task What_was_known_before_it_was_forbidden_stays(string resource, string ns)
    {
        await using var cluster = await StartAsync();
        await using var process = await StartProcessAsync(cluster);
        await using var load = new SteadyLoad(process);
        await process.TallyAsync(20);
        cluster.Revoke(ns, resource);
        cluster.Faults.CutWatches();
        await Wait.UntilAsync(async () => (await process.HealthAsync()).Status == HealthStatus.Degraded, _time);
        await _time.PassAsync(TimeSpan.FromMinutes(3));
        var health = await process.HealthAsync();
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains($"resources: [{resource}]", health.Description, StringComparison.Ordinal);
        Assert.Contains(process.Mesh.Diagnostics, diagnostic =>
            diagnostic.Code == "Forbidden" && diagnostic.Message.Contains("the last known ones stay in force", StringComparison.Ordinal));

        await cluster.ApplySamplesAsync("rbac.yaml");
        await Wait.UntilAsync(async () => (await process.HealthAsync()).Status == HealthStatus.Healthy, _time, RetryBound);
        await cluster.SplitAsync(0, 1);
        await Wait.UntilAsync(async () => await process.TallyAsync(5) == "v2=5");
        await load.EndAsync();
    }

    private async Task<CanaryCluster> StartAsync(string roles = "rbac.yaml", bool hasRootNamespace = true)
    {
        var cluster = await CanaryCluster.StartAsync(_time, enforcesAccess: true);
        if (hasRootNamespace)
        {
            await cluster.Api.ApplyAsync("{apiVersion: v1, kind: Namespace, metadata: {name: istio-system}}", TestContext.Current.CancellationToken);
        }

        foreach (var manifest in CanaryCluster.Sample(roles).Split("\n---\n"))
        {
            // As kubectl does, which goes on with the rest where a namespace is not there.
            if (hasRootNamespace || !manifest.Contains("namespace: istio-system", StringComparison.Ordinal))
            {
                await cluster.Api.ApplyAsync(manifest, TestContext.Current.CancellationToken);
            }
        }

        cluster.WriteCredentials(asAccount: true);
        return cluster;
    }

    private Task<MeshProcess> StartProcessAsync(CanaryCluster cluster, Action<MeshKubernetesOptions>? configure = null) =>
        MeshProcess.StartReadyAsync(cluster, configure, time: _time, credentials: Credentials.ServiceAccount);

    /// <summary>What a reader of the source, such as <c>mesh describe</c>, is told that it cannot know.</summary>
    private static async Task<IReadOnlyList<UnknownScope>> UnknownAsync(CanaryCluster cluster)
    {
        var environment = new MeshEnvironment(new MeshOptions { Namespace = CanaryCluster.Namespace });
        var options = new MeshKubernetesOptions { Kubeconfig = cluster.Kubeconfig, Scope = MeshKubernetesScope.Namespaces };
        IReadOnlyList<UnknownScope> unknown = [];
        await using var source = KubernetesSourceFactory.Create(options, environment, KubernetesSourceFactory.Connector(options, environment));
        await foreach (var change in source.Start(TestContext.Current.CancellationToken).ReadAllAsync(TestContext.Current.CancellationToken))
        {
            unknown = change.Unknown ?? unknown;
            if (change.Synced)
            {
                break;
            }
        }

        return unknown;
    }
}
