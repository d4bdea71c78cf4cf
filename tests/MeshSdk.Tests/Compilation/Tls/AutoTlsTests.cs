using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation.Tls;

/// <summary>Endpoint by endpoint: the decision table of automatic mTLS, and what is done where something is not known.</summary>
public sealed class AutoTlsTests
{
    private const string Sa = "spiffe://cluster.local/ns/ns/sa/default";

    public static TheoryData<string, string, string?, string> Table => new()
    {
        // What the mesh says (policies as in PeerModeTests, "auto off"); the label of the pod; the destination rule; then how the endpoint is spoken to.
        { "", "istio", null, "Istio" },
        { "", "disabled", null, "None" },
        { "", "", null, "None" },
        { "", "Istio", null, "None" },
        { "auto off", "istio", null, "None" },
        { "auto off; ns/n STRICT", "istio", null, "None" },
        { "auto off", "istio", "ISTIO_MUTUAL", "Istio" },
        { "", "", "ISTIO_MUTUAL", "Istio" },
        { "ns/n DISABLE", "istio", "ISTIO_MUTUAL", "Istio" },
        { "", "istio", "DISABLE", "None" },
        { "ns/n STRICT", "istio", "DISABLE", "None" },
        { "", "istio", "SIMPLE", "Simple" },
        { "ns/n DISABLE", "istio", "SIMPLE", "Simple" },
        { "ns/n DISABLE", "istio", null, "None" },
        { "istio-system/m DISABLE", "istio", null, "None" },
        { "istio-system/m DISABLE; ns/n UNSET", "istio", null, "None" },
        { "istio-system/m DISABLE; ns/n PERMISSIVE", "istio", null, "Istio" },
        { "ns/n DISABLE; ns/w PERMISSIVE app=a", "istio", null, "None" },
        { "ns/w DISABLE app=a", "istio", null, "None" },
        { "ns/w DISABLE app=b", "istio", null, "Istio" },
        { "ns/w UNSET app=a 8080=DISABLE", "istio", null, "None" },
        { "ns/w UNSET app=a 80=DISABLE", "istio", null, "Istio" },
        { "ns/w DISABLE app=a 8080=PERMISSIVE", "istio", null, "Istio" },
        { "istio-system/w DISABLE app=a", "istio", null, "Istio" },
        { "ns/n PERMISSIVE", "istio", null, "Istio" },
        { "ns/n STRICT", "istio", null, "Istio" },

        // Plaintext would be refused there: so is the call, before it is made.
        { "ns/n STRICT", "", null, "Istio withheld" },
        { "istio-system/m STRICT", "disabled", null, "Istio withheld" },
        { "ns/n DISABLE; ns/w STRICT app=a", "istio", null, "Istio" },
        { "ns/n DISABLE; ns/w STRICT app=a", "", null, "Istio withheld" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void An_endpoint_is_spoken_to_as_the_table_says(string mesh, string label, string? rule, string expected)
    {
        Resource[] objects =
        [
            .. Mesh("a", "10.0.0.1", label),
            .. mesh.Split("; ", StringSplitOptions.RemoveEmptyEntries).Select(static Resource (text) => text == "auto off" ? TlsObjects.MeshConfig("enableAutoMtls: false") : Policy(text)),
            .. rule is null ? [] : new Resource[] { TlsObjects.Rule(rule) },
        ];
        var cluster = TlsObjects.Compile(TlsObjects.WithIdentity, objects).Cluster("a");
        var endpoint = Assert.Single(cluster.Endpoints);

        Assert.Equal(expected, endpoint.Tls + (endpoint.Withheld is null ? "" : " withheld"));
        Assert.NotEmpty(endpoint.TlsReason);
        Assert.Equal(expected == "Istio" ? [Sa] : NameSet.Empty, endpoint.SubjectAltNames);
        Assert.Equal(expected == "None", cluster.Tls is null);
        if (endpoint.Tls == TlsMode.Istio)
        {
            Assert.Equal((TlsMode.Istio, "outbound_.80_._.a.ns.svc.cluster.local", TlsTrust.Mesh), (cluster.Tls!.Mode, cluster.Tls.ServerName, cluster.Tls.Trust));
            Assert.Null(cluster.Tls.Credential);
        }
    }

    [Fact]
    public void Automatic_mTLS_can_be_switched_off_for_the_process() =>
        Assert.Equal(TlsMode.None, TlsObjects.Compile(new() { HasIdentity = true, AutoMtls = MeshAutoMtls.Off }, Mesh("a", "10.0.0.1", "istio")).Cluster("a").Endpoints[0].Tls);

    [Theory]
    [InlineData("ns/n STRICT", "istio", null, true)]
    [InlineData("istio-system/m STRICT", "", null, true)]
    [InlineData("ns/w STRICT app=a", "istio", null, true)]
    [InlineData("ns/w DISABLE app=a 8080=STRICT", "istio", null, true)]
    [InlineData("ns/w STRICT app=b", "istio", null, false)]
    [InlineData("ns/n STRICT; ns/w PERMISSIVE app=a", "istio", null, false)]
    [InlineData("ns/n PERMISSIVE", "istio", null, false)]
    [InlineData("ns/n STRICT", "istio", "ISTIO_MUTUAL", false)]
    [InlineData("ns/n STRICT", "istio", "DISABLE", false)]
    public void Plaintext_to_those_that_are_STRICT_is_warned_of_where_automatic_mTLS_is_off(string policies, string label, string? rule, bool expected)
    {
        Resource[] objects =
        [
            .. Mesh("a", "10.0.0.1", label),
            .. policies.Split("; ").Select(Policy),
            .. rule is null ? [] : new Resource[] { TlsObjects.Rule(rule) },
        ];
        foreach (var service in new[]
        {
            TlsObjects.Compile(new() { HasIdentity = true, AutoMtls = MeshAutoMtls.Off }, objects).Service("a"),
            TlsObjects.Compile(TlsObjects.WithIdentity, [.. objects, TlsObjects.MeshConfig("enableAutoMtls: false")]).Service("a"),
        })
        {
            Assert.Equal(rule == "ISTIO_MUTUAL", service.Clusters[0].Endpoints[0].Tls == TlsMode.Istio);
            Assert.Equal(expected ? ["Warning PlaintextToStrict"] : [], service.Diagnostics.Codes());
        }
    }

    [Theory]
    [InlineData(null, "None None None", "")]
    [InlineData("ns/w STRICT app=a", "Istio None None", "")]
    [InlineData("ns/n STRICT", "Istio Istio Istio", "10.0.0.2")]
    public void A_headless_service_is_called_as_its_least_able_endpoint_can_be(string? policy, string expected, string withheld)
    {
        foreach (var isRule in new[] { false, true })
        {
            var service = Given.Service("a");
            service = isRule ? service : service with { Spec = service.Spec with { ClusterIP = "None", ClusterIPs = ["None"] } };
            var endpoints = TlsObjects.Compile(
                TlsObjects.WithIdentity,
                [
                    service,
                    Given.Slice("s", "a", 8080, Given.Endpoint("10.0.0.1", pod: "a-1"), Given.Endpoint("10.0.0.2", pod: "b-1"), Given.Endpoint("10.0.0.3", pod: "c-1")),
                    TlsObjects.MeshPod("a-1", "10.0.0.1", labels: [("app", "a")]), TlsObjects.MeshPod("b-1", "10.0.0.2", mode: null), TlsObjects.MeshPod("c-1", "10.0.0.3"),
                    .. policy is null ? [] : new Resource[] { Policy(policy) },
                    .. isRule ? [Given.Policy("r", "a", "PASSTHROUGH")] : Array.Empty<Resource>(),
                ]).Cluster("a").Endpoints;
            Assert.Equal(expected, string.Join(' ', endpoints.Select(static e => e.Tls)));
            Assert.Equal(withheld, string.Join(' ', endpoints.Where(static e => e.Withheld is not null).Select(static e => e.Address)));
        }
    }

    [Fact]
    public void One_endpoint_that_cannot_do_TLS_is_no_matter_for_the_others_of_a_service_with_an_address() =>
        Assert.Equal(
            "Istio None",
            string.Join(' ', TlsObjects.Compile(
                TlsObjects.WithIdentity,
                Given.Service("a"),
                Given.Slice("s", "a", 8080, Given.Endpoint("10.0.0.1", pod: "a-1"), Given.Endpoint("10.0.0.2", pod: "b-1")),
                TlsObjects.MeshPod("a-1", "10.0.0.1"), TlsObjects.MeshPod("b-1", "10.0.0.2", mode: null)).Cluster("a").Endpoints.Select(static e => e.Tls)));

    [Fact]
    public void With_security_off_nothing_is_withheld_and_nobody_is_warned()
    {
        var service = TlsObjects.Compile(
            new CompilerOptions { VerifiesPeers = false }, [.. Mesh("a", "10.0.0.1", ""), Policy("ns/n STRICT")]).Service("a");
        Assert.Null(service.Clusters[0].Endpoints[0].Withheld);
        Assert.Empty(service.Diagnostics);
    }

    private static Resource[] Mesh(string name, string address, string label) =>
    [
        Given.Service(name),
        Given.Slice($"{name}-s", name, 8080, Given.Endpoint(address, pod: $"{name}-1")),
        TlsObjects.MeshPod($"{name}-1", address, mode: label.Length == 0 ? null : label, labels: [("app", name)]),
    ];

    private static PeerAuthentication Policy(string text)
    {
        var parts = text.Split(' ');
        return TlsObjects.Peers(parts[0], parts[1], parts.ElementAtOrDefault(2), parts.ElementAtOrDefault(3));
    }
}
