using System.Text.Json;
using MeshSdk.Resources;
using MeshSdk.Tool.Tests.Configuration;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tool.Tests.Listing;

public sealed class GetTests : IDisposable
{
    private const string Mesh =
        """
        apiVersion: v1
        kind: Service
        metadata: { name: web, namespace: shop, creationTimestamp: "2026-01-01T00:00:00Z" }
        spec: { clusterIP: 10.96.0.7, ports: [{ name: http, port: 80 }, { name: dns, port: 53, protocol: UDP }] }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: alias, namespace: shop }
        spec: { type: ExternalName }
        ---
        apiVersion: v1
        kind: Service
        metadata: { name: api, namespace: far }
        spec: { clusterIP: None, ports: [{ port: 8080 }] }
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: { name: web-1, namespace: shop, labels: { kubernetes.io/service-name: web } }
        addressType: IPv4
        ports: [{ name: http, port: 8080 }]
        endpoints:
        - { addresses: [10.0.0.1], zone: a }
        - { addresses: [10.0.0.2], conditions: { ready: false, serving: true, terminating: true } }
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: web, namespace: shop, creationTimestamp: "2026-01-01T00:00:00Z" }
        spec:
          parentRefs: [{ group: "", kind: Service, name: web, port: 80 }]
          rules: [{ backendRefs: [{ name: web, port: 80 }] }]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: { name: edge, namespace: shop }
        spec: { parentRefs: [{ name: edge }], hostnames: [a.example, b.example] }
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: { name: web, namespace: shop }
        spec: { host: web, trafficPolicy: { loadBalancer: { simple: ROUND_ROBIN }, tls: { mode: ISTIO_MUTUAL } } }
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: { name: plain, namespace: far }
        spec: { host: api, exportTo: [.], trafficPolicy: { loadBalancer: { consistentHash: { httpHeaderName: x } }, tls: {} } }
        """;

    private readonly ManifestDirectory _manifests = new();

    public GetTests() => _manifests.Write("mesh.yaml", Mesh);

    public void Dispose() => _manifests.Dispose();

    [Fact]
    public async Task Routes() => await TableAsync(
        """
        NAME   HOSTNAMES                   AGE
        edge   ["a.example","b.example"]   <unknown>
        web                                36h
        """,
        "routes", "-n", "shop");

    [Fact]
    public async Task Services() => await TableAsync(
        """
        SERVICE   TYPE           CLUSTER-IP   PORTS           AGE
        alias     ExternalName   <none>       <none>          <unknown>
        web       ClusterIP      10.96.0.7    80/TCP,53/UDP   36h
        """,
        "services", "-n", "shop");

    [Fact]
    public async Task Endpoints() => await TableAsync(
        """
        SERVICE   PORT   ADDRESS         HEALTH        LOCALITY   PRIORITY   WEIGHT   TLS     NOT-USED
        web       80     10.0.0.1:8080   ready         /a         0          1        istio   <none>
        web       80     10.0.0.2:8080   terminating   <none>     0          1        istio   shutting down, and others are ready
        """,
        "endpoints", "-n", "shop");

    [Fact]
    public async Task Policies_of_all_namespaces() => await TableAsync(
        """
        NAMESPACE   NAME    HOST   LOADBALANCER      TLS            BLOCKS             APPLIES-TO   AGE
        far         plain   api    CONSISTENT_HASH   DISABLE        loadBalancer,tls   <none>       <unknown>
        shop        web     web    ROUND_ROBIN       ISTIO_MUTUAL   loadBalancer,tls   web          <unknown>
        """,
        "policies", "-A");

    [Fact]
    public async Task Policies_hold_for_services_as_the_caller_sees_them() => await TableAsync(
        """
        NAMESPACE   NAME    HOST   LOADBALANCER      TLS            BLOCKS             APPLIES-TO   AGE
        far         plain   api    CONSISTENT_HASH   DISABLE        loadBalancer,tls   api          <unknown>
        shop        web     web    ROUND_ROBIN       ISTIO_MUTUAL   loadBalancer,tls   web          <unknown>
        """,
        "policies", "-A", "-n", "far");

    [Fact]
    public async Task A_policy_of_many_services_names_the_first_of_them_and_every_block()
    {
        _manifests.Write("mesh.yaml", string.Join("\n---\n", Enumerable.Range(1, 5).Select(static i =>
            $"{{ apiVersion: v1, kind: Service, metadata: {{ name: s{i}, namespace: shop }}, spec: {{ ports: [{{ port: 80 }}] }} }}")) + "\n" + """
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: { name: all, namespace: far }
            spec:
              host: "*.shop.svc.cluster.local"
              subsets: [{ name: v1 }]
              trafficPolicy:
                connectionPool: { http: { http2MaxRequests: 7 } }
                outlierDetection: {}
                portLevelSettings: [{ port: { number: 81 } }]
            """);

        await TableAsync(
            """
            NAME   HOST                       LOADBALANCER   TLS      BLOCKS                                                      APPLIES-TO                   AGE
            all    *.shop.svc.cluster.local   <none>         <none>   connectionPool,outlierDetection,portLevelSettings,subsets   s1.shop,s2.shop,s3.shop,+2   <unknown>
            """,
            "policies", "-n", "far");
        Assert.Equal(5, (await GetAsync("policies", "-n", "far", "-o", "json")).Json[0].GetProperty("appliesTo").GetArrayLength());
    }

    [Fact]
    public async Task Policies_of_all_kinds()
    {
        _manifests.Write("mesh.yaml", Mesh + "\n" + """
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: BackendTLSPolicy
            metadata: { name: web, namespace: shop }
            spec:
              targetRefs: [{ group: "", kind: Service, name: web, sectionName: http }, { group: "", kind: Service, name: api }]
              validation: { hostname: web.example, wellKnownCACertificates: System }
            ---
            apiVersion: gateway.networking.x-k8s.io/v1alpha1
            kind: XBackendTrafficPolicy
            metadata: { name: budget, namespace: shop }
            spec: { targetRefs: [{ group: "", kind: Service, name: web }], retryConstraint: { budget: { percent: 10 } } }
            """);

        await TableAsync(
            """
            NAME                           HOST           LOADBALANCER   TLS            BLOCKS             APPLIES-TO   AGE
            destinationrule/web            web            ROUND_ROBIN    ISTIO_MUTUAL   loadBalancer,tls   web          <unknown>
            backendtlspolicy/web           web:http,api   <none>         SIMPLE         <none>             web          <unknown>
            xbackendtrafficpolicy/budget   web            <none>         <none>         <none>             web          <unknown>
            """,
            "policies", "-n", "shop");
        Assert.Equal(
            """{"kind":"BackendTLSPolicy","namespace":"shop","name":"web","host":null,"loadBalancer":null,"tls":"SIMPLE","exportTo":[],"created":null,"targets":[{"kind":"Service","name":"web","sectionName":"http"},{"kind":"Service","name":"api","sectionName":null}],"blocks":[],"appliesTo":[{"namespace":"shop","service":"web"}],"selector":null}""",
            (await GetAsync("policies", "-n", "shop", "-o", "json")).Json[1].GetRawText());
    }

    [Fact]
    public async Task Security_off_shows_in_the_endpoints()
    {
        var run = await GetAsync("endpoints", "-n", "shop", "--security", "off");

        Assert.DoesNotContain("istio", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_said_on_standard_error()
    {
        var run = await GetAsync("routes", "-n", "nowhere");

        Assert.Equal((0, "", "mesh: No resources found in nowhere namespace.\n"), (run.ExitCode, run.Out, run.Error));
        Assert.Equal("[]\n", (await GetAsync("routes", "-n", "nowhere", "-o", "json")).Out);
    }

    [Theory]
    [InlineData("routes", "kind,namespace,name,hostnames,parents,rules,created", 2)]
    [InlineData("services", "namespace,name,type,clusterIPs,ports,created", 3)]
    [InlineData("endpoints", "namespace,service,port,endpoint", 2)]
    [InlineData("policies", "kind,namespace,name,host,loadBalancer,tls,exportTo,created,targets,blocks,appliesTo,selector", 2)]
    public async Task Json_is_a_list_of_objects_with_all_their_properties(string what, string names, int count)
    {
        var list = (await GetAsync(what, "-A", "-o", "json")).Json;

        Assert.Equal((JsonValueKind.Array, count), (list.ValueKind, list.GetArrayLength()));
        Assert.All(list.EnumerateArray(), item => Assert.Equal(names.Split(','), item.EnumerateObject().Select(static p => p.Name)));
    }

    [Fact]
    public async Task Json_has_what_the_table_has_and_more()
    {
        Assert.Equal(
            """{"kind":"HTTPRoute","namespace":"shop","name":"web","hostnames":[],"parents":[{"kind":"Service","namespace":"shop","name":"web","port":80}],"rules":1,"created":"2026-01-01T00:00:00+00:00"}""",
            (await GetAsync("routes", "-n", "shop", "-o", "json")).Json[1].GetRawText());
        Assert.Equal(
            """{"namespace":"shop","service":"web","port":80,"endpoint":{"address":"10.0.0.1:8080","health":"ready","locality":"/a","priority":0,"weight":1,"tls":"istio","sans":[],"withheld":"EndpointSlice shop/web-1 names no Pod for 10.0.0.1 in targetRef, so its identity cannot be told; a DestinationRule can state subjectAltNames"}}""",
            (await GetAsync("endpoints", "-n", "shop", "-o", "json")).Json[0].GetRawText());
    }

    [Fact]
    public async Task What_could_not_be_read_is_said_where_it_concerns_the_list()
    {
        var cluster = new FakeCluster(Mesh)
        {
            Unknown = [new UnknownScope("DestinationRule", "shop", null, "the Role lacks destinationrules"), new UnknownScope("HTTPRoute", "far", null, "not asked for")],
        };
        var surroundings = _manifests.WithCluster(cluster.Open, ns: "shop");

        var policies = await ToolRun.In(surroundings, "get", "policies");
        Assert.Equal(
            "mesh: DestinationRule in namespace shop could not be read: the Role lacks destinationrules", Assert.Single(policies.ErrorLines));
        Assert.Equal(1, policies.ExitCode);
        Assert.NotEqual("", policies.Out);
        var routes = await ToolRun.In(surroundings, "get", "routes");
        Assert.Equal((0, ""), (routes.ExitCode, routes.Error));
    }

    [Theory]
    [InlineData("text", "")]
    [InlineData("json", "[]")]
    public async Task What_could_not_be_read_is_not_said_to_be_absent(string form, string output)
    {
        var cluster = new FakeCluster("") { Unknown = [new UnknownScope("HTTPRoute", null, null, "the Role lacks httproutes")] };

        var run = await ToolRun.In(_manifests.WithCluster(cluster.Open, ns: "shop"), "get", "routes", "-o", form);

        Assert.Equal((1, output), (run.ExitCode, run.Out.Trim()));
        Assert.Equal("mesh: HTTPRoute in all namespaces could not be read: the Role lacks httproutes", Assert.Single(run.ErrorLines));
    }

    private async Task TableAsync(string expected, params string[] args)
    {
        var run = await GetAsync(args);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(expected + "\n", run.Out);
    }

    private Task<ToolRun> GetAsync(params string[] args) => ToolRun.In(
        Surroundings.None with { Time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 12, 0, 0, TimeSpan.Zero)) },
        ["get", "--manifests", Path.Combine(_manifests.Path, "mesh.yaml"), .. args]);
}
