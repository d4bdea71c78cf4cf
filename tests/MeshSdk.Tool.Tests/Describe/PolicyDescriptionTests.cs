using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;
using MeshSdk.Tool.Configuration;
using MeshSdk.Tool.Describe;
using MeshSdk.Tool.Identity;

namespace MeshSdk.Tool.Tests.Describe;

/// <summary>Descriptions of the reference canary where its cluster <c>backend-v1</c> has a model made by hand.</summary>
public sealed class PolicyDescriptionTests
{
    private static readonly ServiceId V1 = new("istio-test", "backend-v1");

    [Fact]
    public void Endpoints_stand_by_priority_with_what_each_gets()
    {
        EndpointModel[] endpoints =
        [
            At("10.0.0.1", "r/a", priority: 0),
            At("10.0.0.2", "r/a", priority: 0, EndpointHealth.Unready),
            At("10.0.0.3", "r/b", priority: 1),
            At("10.0.0.4", "far/c", priority: 2) with { Weight = 3 },
        ];
        var description = Describe(cluster => cluster with { Endpoints = [.. endpoints], OutlierDetection = new OutlierDetectionModel() });

        Assert.Contains(
            """
            Endpoints: 4 total, 3 ready, 1 unready, 0 ejected
               Priority 0 (r/a): 2 total, 1 ready, 0 ejected, gets 70% of the requests
               Priority 1 (r/b): 1 total, 1 ready, 0 ejected, gets 30% of the requests
               Priority 2 (far/c): 1 total, 1 ready, 0 ejected, gets 0% of the requests
               10.0.0.1:5678  ready        r/a  TLS
            """,
            DescriptionText.Of(description), StringComparison.Ordinal);
        Assert.Contains(
            "   10.0.0.4:5678  ready        far/c  priority 2  weight 3  gets no requests: priorities before its own take all requests  TLS ",
            DescriptionText.Of(description), StringComparison.Ordinal);
        Assert.Equal(
            [(0, 2, 1, 70), (1, 1, 1, 30), (2, 1, 1, 0)],
            description.Ports[0].Endpoints.Priorities.Select(static p => (p.Priority, p.Total, p.Ready, p.Load ?? -1)));
        Assert.Equal([null, "not ready", null, "priorities before its own take all requests"], description.Ports[0].Endpoints.Items.Select(static e => e.NotUsed));
    }

    [Fact]
    public void The_effective_policy_is_in_the_json_too()
    {
        var description = Describe(static cluster => cluster with
        {
            LoadBalancer = LoadBalancerKind.RingHash,
            Hash = new HashModel(HashSource.Cookie, "id") { Ttl = TimeSpan.Zero },
            OutlierDetection = new OutlierDetectionModel { MaxEjectionPercent = 50 },
            Limits = new ConnectionLimits { MaxRequests = 7 },
        });

        var policy = System.Text.Json.JsonDocument.Parse(DescribeJson.Write(description)).RootElement.GetProperty("ports")[0].GetProperty("effectivePolicy");
        Assert.Equal(
            """{"name":"RING_HASH","hash":{"source":"cookie","name":"id","ttl":"0s","path":null,"minimumRingSize":1024,"tableSize":null,"attributes":[]},"warmup":null,"backendUtilization":null}""",
            policy.GetProperty("loadBalancer").GetRawText());
        Assert.Equal((5, 1, 2), (
            policy.GetProperty("outlierDetection").GetProperty("consecutive5xxErrors").GetInt32(),
            policy.GetProperty("outlierDetection").GetProperty("mostEjected").GetInt32(),
            policy.GetProperty("outlierDetection").GetProperty("endpoints").GetInt32()));
        Assert.Equal(7, policy.GetProperty("connectionPool").GetProperty("maxRequests").GetInt32());
        string[] defaults = [.. policy.GetProperty("defaults").EnumerateArray().Select(static path => path.GetString()!)];
        Assert.Contains("loadBalancer.hash.minimumRingSize", defaults);
        Assert.Contains("outlierDetection.interval", defaults);
        Assert.DoesNotContain("loadBalancer.name", defaults);
        Assert.DoesNotContain("outlierDetection.maxEjectionPercent", defaults);
        Assert.DoesNotContain("connectionPool.maxRequests", defaults);
    }

    [Fact]
    public async Task A_rule_for_a_service_whose_routes_lead_elsewhere_is_said_to_be_for_nobody()
    {
        using var mesh = new DescribedMesh(await File.ReadAllTextAsync(ManifestDirectory.Canary) + """

            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: { name: apex, namespace: istio-test }
            spec: { host: backend, trafficPolicy: { loadBalancer: { simple: RANDOM } } }
            """);

        var text = (await mesh.RunAsync("backend", "-n", "istio-test")).Out;

        Assert.Contains(
            """
            DestinationRule: apex for "backend"
               Policies: load balancer
            WARNING: The routes of the port lead elsewhere, and the policy of each backend counts: that of the Service itself is for nobody
            HTTPRoute: backend-split (producer)

            """,
            text, StringComparison.Ordinal);
        Assert.DoesNotContain("Effective policy", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_mesh_may_hide_rules_that_say_nothing_of_who_sees_them()
    {
        using var mesh = new DescribedMesh(DescribedMesh.Web + """
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: { name: web, namespace: shop }
            spec: { host: web, trafficPolicy: { loadBalancer: { simple: RANDOM } } }
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: istio, namespace: istio-system }
            data: { mesh: "defaultDestinationRuleExportTo: ['.']" }
            """);

        Assert.Contains("\nDestinationRule: web for \"web\"\n", await mesh.TextAsync("web"), StringComparison.Ordinal);
        var text = await mesh.TextAsync("web.shop", "-n", "far");
        Assert.Contains("Load balancer: LEAST_REQUEST", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\nDestinationRule:", text, StringComparison.Ordinal);
        Assert.Contains("\nNot used DestinationRule: web.shop for \"web\": ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_lines_are_not_broken()
    {
        var name = string.Join('-', Enumerable.Repeat("long", 50));
        using var mesh = new DescribedMesh(DescribedMesh.Web + $$"""
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: { name: {{name}}, namespace: shop }
            spec: { host: web, subsets: [{{string.Join(", ", Enumerable.Range(0, 200).Select(static i => $"{{ name: v{i} }}"))}}] }
            """);

        var lines = (await mesh.TextAsync("web")).Split('\n');

        Assert.Contains($"DestinationRule: {name} for \"web\"", lines);
        Assert.Contains($"      (Non-matching subsets {string.Join(',', Enumerable.Range(0, 200).Select(static i => $"v{i}"))})", lines);
        Assert.Contains("   No Traffic Policy", lines);
    }

    private static EndpointModel At(string address, string locality, int priority, EndpointHealth health = EndpointHealth.Ready) => new(address, 5678, health)
    {
        Locality = new Locality(locality.Split('/')[0], locality.Split('/')[1], ""),
        Priority = priority,
    };

    private static ServiceDescription Describe(Func<ClusterModel, ClusterModel> change)
    {
        var resources = new ResourceStore();
        resources.Apply([.. ManifestReader.Read(File.ReadAllText(ManifestDirectory.Canary), "canary").Resources], []);
        var caller = new CallerContext { Namespace = V1.Namespace };
        var snapshot = new MeshCompiler(caller, CompilerOptions.Default).Compile(resources);
        var service = snapshot.Services[V1];
        snapshot = snapshot with { Services = snapshot.Services.SetItem(V1, service with { Clusters = [change(service.Clusters[0])] }) };
        return new ServiceDescriber(new LoadedMesh(resources, [], []), snapshot, caller, MeshSecurity.On, CallerIdentity.None("nothing")).Describe(V1)!;
    }
}
