using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation.Tls;

/// <summary>Whom an endpoint has to prove to be.</summary>
public sealed class IdentityTests
{
    private const string Td = "spiffe://cluster.local/ns/ns/sa/";

    public static TheoryData<string, string?, string?, string, string, string> Names => new()
    {
        // MeshConfig, account of the pod, subjectAltNames of the rule, its sni; then the identities and the name that is sent.
        { "", null, null, "", $"{Td}default", "outbound_.80_._.a.ns.svc.cluster.local" },
        { "", "web", null, "", $"{Td}web", "outbound_.80_._.a.ns.svc.cluster.local" },
        { "", "web", "spiffe://other/ns/x/sa/y", "", "spiffe://other/ns/x/sa/y", "outbound_.80_._.a.ns.svc.cluster.local" },
        { "", "web", "spiffe://b/ns/x/sa/y spiffe://a/ns/x/sa/y", "", "spiffe://a/ns/x/sa/y spiffe://b/ns/x/sa/y", "outbound_.80_._.a.ns.svc.cluster.local" },
        { "", "web", null, "my.sni", $"{Td}web", "my.sni" },
        { "trustDomain: td.example", "web", null, "", "spiffe://td.example/ns/ns/sa/web", "outbound_.80_._.a.ns.svc.cluster.local" },
        { "trustDomain: me@td.example", "web", null, "", "spiffe://me.td.example/ns/ns/sa/web", "outbound_.80_._.a.ns.svc.cluster.local" },
        {
            "trustDomain: td\ntrustDomainAliases: [old, older]", "web", null, "",
            "spiffe://old/ns/ns/sa/web spiffe://older/ns/ns/sa/web spiffe://td/ns/ns/sa/web", "outbound_.80_._.a.ns.svc.cluster.local"
        },
        { "trustDomain: td\ntrustDomainAliases: [old]", "web", "spiffe://td/ns/x/sa/y", "", "spiffe://td/ns/x/sa/y", "outbound_.80_._.a.ns.svc.cluster.local" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void It_is_what_the_rule_states_else_the_account_of_its_pod(string config, string? account, string? stated, string sni, string identities, string serverName)
    {
        var rule = TlsObjects.Rule(new ClientTlsSettings { Mode = "ISTIO_MUTUAL", Sni = sni, SubjectAltNames = stated is null ? null : [.. stated.Split(' ')] });
        var cluster = Given.Snapshot(
            Given.Service("a"), Given.Slice("s", "a", 8080, Given.Endpoint("10.0.0.1", pod: "a-1")), TlsObjects.MeshPod("a-1", "10.0.0.1", account), rule,
            TlsObjects.MeshConfig(config)).Cluster("a");
        Assert.Equal(identities, string.Join(' ', cluster.Endpoints[0].SubjectAltNames));
        Assert.Null(cluster.Endpoints[0].Withheld);
        Assert.Equal((serverName, "DestinationRule ns/r"), (cluster.Tls!.ServerName, cluster.Tls.Source));
    }

    [Fact]
    public void An_at_sign_in_the_trust_domain_is_a_dot_in_certificates()
    {
        var compiler = new MeshSdk.Compilation.MeshCompiler(
            new CallerContext { Namespace = "ns", TrustDomain = "me@td.example", StatesTrustDomain = true }, TlsObjects.WithIdentity);
        var cluster = compiler.Compile(Given.Store(Mesh(Given.Endpoint("10.0.0.1", pod: "a-1"), TlsObjects.MeshPod("a-1", "10.0.0.1", "web")))).Cluster("a");
        Assert.Equal(["spiffe://me.td.example/ns/ns/sa/web"], cluster.Endpoints[0].SubjectAltNames);
    }

    public static TheoryData<string, string?, string> Unproven => new()
    {
        // What the endpoint names, the addresses of the pod of that name (null: there is none); what is said.
        { "", "10.0.0.1", "EndpointSlice ns/s names no Pod for 10.0.0.1 in targetRef" },
        { "ns/a-1", null, "no Pod ns/a-1 with the address 10.0.0.1 is known" },
        { "ns/a-1", "10.0.0.9", "no Pod ns/a-1 with the address 10.0.0.1 is known" },
        { "ns/a-1", "", "Pod ns/a-1 states no addresses (status.podIPs)" },
        { "other/a-1", "10.0.0.1", "EndpointSlice ns/s names a Pod of namespace other for 10.0.0.1" },
        { "ns/a-1/Node", "10.0.0.1", "EndpointSlice ns/s names no Pod for 10.0.0.1 in targetRef" },
    };

    [Theory]
    [MemberData(nameof(Unproven))]
    public void A_pod_counts_only_where_it_is_of_the_namespace_of_the_slice_and_has_the_address(string target, string? addresses, string reason)
    {
        var parts = target.Split('/');
        var endpoint = Given.Endpoint("10.0.0.1") with
        {
            TargetRef = target.Length == 0 ? null : new ObjectReference { Kind = parts.ElementAtOrDefault(2) ?? "Pod", Namespace = parts[0], Name = parts[1] },
        };
        Resource[] mesh = Mesh(endpoint, addresses is null ? [] : [TlsObjects.MeshPod("a-1", addresses), TlsObjects.MeshPod("other/a-1", addresses)]);
        var service = Given.Snapshot([.. mesh, TlsObjects.Rule("ISTIO_MUTUAL")]).Service("a");
        var compiled = service.Clusters[0].Endpoints[0];

        Assert.Equal((TlsMode.Istio, true), (compiled.Tls, compiled.SubjectAltNames.IsEmpty));
        Assert.StartsWith(reason, compiled.Withheld, StringComparison.Ordinal);
        Assert.Contains(service.Diagnostics, d => d is { Code: "EndpointsWithheld", Severity: DiagnosticSeverity.Error } && d.Message.Contains(reason, StringComparison.Ordinal));

        // Whatever is known of the pod, a rule that states the identity needs nothing of it.
        var stated = Given.Snapshot([.. mesh, TlsObjects.Rule(new ClientTlsSettings { Mode = "ISTIO_MUTUAL", SubjectAltNames = ["spiffe://td/x"] })]).Service("a");
        Assert.Equal((null, "spiffe://td/x"), (stated.Clusters[0].Endpoints[0].Withheld, stated.Clusters[0].Endpoints[0].SubjectAltNames.ToString()));
        Assert.Empty(stated.Diagnostics);
    }

    [Fact]
    public void Endpoints_of_which_some_are_known_are_a_warning_and_unready_ones_are_not_counted()
    {
        var diagnostic = Assert.Single(Given.Snapshot(
            Given.Service("a"),
            Given.Slice("s", "a", 8080, Given.Endpoint("10.0.0.1", pod: "a-1"), Given.Endpoint("10.0.0.2"), Given.Endpoint("10.0.0.3", ready: false)),
            TlsObjects.MeshPod("a-1", "10.0.0.1"), TlsObjects.Rule("ISTIO_MUTUAL")).Service("a").Diagnostics);
        Assert.Equal((DiagnosticSeverity.Warning, "EndpointsWithheld", "Service ns/a"), (diagnostic.Severity, diagnostic.Code, diagnostic.Subject));
        Assert.StartsWith("port 80: 1 of 2 endpoints are not called", diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_with_two_addresses_has_both()
    {
        var pod = Given.Pod("a-1", null, "10.0.0.1", "fd00::1");
        Assert.Equal(
            ["spiffe://cluster.local/ns/ns/sa/default"],
            Given.Snapshot([.. Mesh(Given.Endpoint("10.0.0.1", pod: "a-1"), pod), TlsObjects.Rule("ISTIO_MUTUAL")]).Cluster("a").Endpoints[0].SubjectAltNames);
    }

    [Fact]
    public void Names_of_a_rule_that_no_peer_can_prove_are_told()
    {
        var service = Given.Snapshot([.. Mesh(Given.Endpoint("10.0.0.1")), TlsObjects.Rule(new ClientTlsSettings { Mode = "ISTIO_MUTUAL", SubjectAltNames = ["a.example", ""] })]).Service("a");
        Assert.Equal(["a.example"], service.Clusters[0].Endpoints[0].SubjectAltNames);
        Assert.Equal(
            ["Error UnsupportedValue spec.trafficPolicy.tls.subjectAltNames[0]", "Error UnsupportedValue spec.trafficPolicy.tls.subjectAltNames[1]"], service.Diagnostics.Codes());
        Assert.Equal("its subjectAltNames[0] 'a.example' is no SPIFFE ID", service.Clusters[0].Tls!.Fault);

        // One that can be proven is enough.
        Assert.Null(Given.Snapshot(
            [.. Mesh(Given.Endpoint("10.0.0.1")), TlsObjects.Rule(new ClientTlsSettings { Mode = "ISTIO_MUTUAL", SubjectAltNames = ["a.example", "spiffe://td/a"] })])
            .Cluster("a").Tls!.Fault);
    }

    [Fact]
    public void Replicas_share_one_set_of_identities()
    {
        var endpoints = Given.Snapshot(
            Given.Service("a"), Given.Slice("s", "a", 8080, Given.Endpoint("10.0.0.1", pod: "a-1"), Given.Endpoint("10.0.0.2", pod: "a-2")),
            TlsObjects.MeshPod("a-1", "10.0.0.1"), TlsObjects.MeshPod("a-2", "10.0.0.2"), TlsObjects.Rule("ISTIO_MUTUAL")).Cluster("a").Endpoints;
        Assert.Same(endpoints[0].SubjectAltNames, endpoints[1].SubjectAltNames);
        Assert.Same(endpoints[0].TlsReason, endpoints[1].TlsReason);
    }

    private static Resource[] Mesh(SliceEndpoint endpoint, params Resource[] others) =>
        [Given.Service("a"), Given.Slice("s", "a", 8080, endpoint), .. others];
}
