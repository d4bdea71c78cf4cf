using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Tests.Compilation.Tls;

namespace MeshSdk.Tests.Compilation;

/// <summary>Endpoints that were last heard of too long ago.</summary>
public sealed class OutdatedTests
{
    private static readonly EndpointSlice Old = Given.Slice("old", "a", 8080, Given.Endpoint("10.0.0.1"), Given.Endpoint("10.0.0.2")) with { IsOutdated = true };

    [Theory]
    [InlineData("10.96.0.1", "10.96.0.1:80")]
    [InlineData("fd00::1,10.96.0.1", "[fd00::1]:80")]
    [InlineData("10.96.0.1,fd00::1", "10.96.0.1:80")]
    [InlineData("bad,FD00:0::1", "[fd00::1]:80")]
    public void Without_mutual_TLS_the_cluster_address_takes_their_place(string addresses, string expected)
    {
        var snapshot = Given.Snapshot(At(addresses), Old);
        var endpoint = Assert.Single(snapshot.Cluster("a").Endpoints);
        Assert.Equal((expected, EndpointHealth.Ready, TlsMode.None), (endpoint.HostPort, endpoint.Health, endpoint.Tls));
        Assert.Contains(snapshot.Service("a").Diagnostics, static d => d is { Code: "EndpointsOutdated", Severity: DiagnosticSeverity.Info });
    }

    [Fact]
    public void Preferred_family_counts_before_the_order()
    {
        var service = At("10.96.0.1,fd00::1");
        service = service with { Spec = service.Spec with { IpFamilies = ["IPv6"] } };
        Assert.Equal("[fd00::1]:80", Given.Snapshot(service, Old).Cluster("a").Endpoints[0].HostPort);
    }

    [Theory]
    [InlineData("ISTIO_MUTUAL", true, "10.0.0.1:8080 10.0.0.2:8080")]
    [InlineData("MUTUAL", true, "10.0.0.1:8080 10.0.0.2:8080")]
    [InlineData("SIMPLE", true, "10.96.0.1:80")]
    [InlineData("DISABLE", true, "10.96.0.1:80")]
    [InlineData("ISTIO_MUTUAL", false, "10.96.0.1:80")]
    public void Peers_that_prove_who_they_are_are_still_called(string mode, bool verifies, string expected)
    {
        var rule = new DestinationRule
        {
            Metadata = new ObjectMeta { Namespace = "ns", Name = "p" },
            Spec = new DestinationRuleSpec { Host = "a", TrafficPolicy = new TrafficPolicy { Tls = new ClientTlsSettings { Mode = mode } } },
        };
        var compiler = new MeshCompiler(new CallerContext { Namespace = "ns" }, new CompilerOptions { VerifiesPeers = verifies });
        var endpoints = compiler.Compile(Given.Store(At("10.96.0.1"), Old, rule)).Cluster("a").Endpoints;
        Assert.Equal(expected, string.Join(' ', endpoints.Select(static e => e.HostPort)));
        Assert.All(endpoints, e => Assert.Equal(mode == "DISABLE", e.Tls == TlsMode.None));
    }

    public static TheoryData<string, bool, string, bool> StandIns => new()
    {
        // What peer authentications say; whether there is an identity; the endpoints that were known; whether the cluster address may be called.
        { "-", false, "", true },
        { "-", true, "", false },
        { "-", false, "plain", true },
        { "-", true, "plain", true },
        { "-", true, "no pod", true },
        { "ns/n PERMISSIVE", false, "", true },
        { "ns/n PERMISSIVE", true, "", false },
        { "ns/n DISABLE", true, "", true },
        { "ns/n DISABLE", true, "plain", true },
        { "ns/n STRICT", true, "", false },
        { "ns/n STRICT", false, "", false },
        { "istio-system/m STRICT", false, "", false },
        { "ns/w STRICT app=b", false, "", false },
        { "ns/w STRICT app=b", false, "plain", false },
        { "ns/n DISABLE; ns/w STRICT app=b", true, "", false },
        { "unknown", true, "", false },
        { "unknown", false, "", false },
        { "auto off", true, "", true },
        { "rule DISABLE; ns/n STRICT", true, "", true },
        { "rule DISABLE; unknown", true, "", true },
    };

    [Theory]
    [MemberData(nameof(StandIns))]
    public void The_cluster_address_is_called_in_plaintext_only_where_whoever_answers_there_may_be(string policies, bool identity, string known, bool expected)
    {
        var parts = policies.Split("; ").Select(static text => text.Split(' ')).ToList();
        var store = Given.Store(
        [
            At("10.96.0.1"),
            Given.Slice("old", "a", 8080, known.Length == 0 ? [] : [Given.Endpoint("10.0.0.1", pod: known == "plain" ? "a-1" : null)]) with { IsOutdated = true },
            .. known == "plain" ? new Resource[] { TlsObjects.MeshPod("a-1", "10.0.0.1", mode: null) } : [],
            .. parts.Where(static p => p[0].Contains('/')).Select(static p => TlsObjects.Peers(p[0], p[1], p.ElementAtOrDefault(2))),
            .. parts.Where(static p => p[0] == "rule").Select(static p => TlsObjects.Rule(p[1])),
            .. parts.Where(static p => p[0] == "auto").Select(static _ => TlsObjects.MeshConfig("enableAutoMtls: false")),
        ]);
        var compiler = Given.Compiler(new CompilerOptions { HasIdentity = identity });
        if (policies.Contains("unknown", StringComparison.Ordinal))
        {
            compiler.Apply(store, [new("PeerAuthentication", "ns", null, "grant list on peerauthentications")]);
        }

        var service = compiler.Compile(store).Service("a");
        Assert.Equal(expected ? "10.96.0.1:80 None" : "", string.Join(' ', service.Clusters[0].Endpoints.Select(static e => $"{e.HostPort} {e.Tls}")));
        Assert.Contains(
            service.Diagnostics, d => d.Code == "EndpointsOutdated" && d.Severity == (expected ? DiagnosticSeverity.Info : DiagnosticSeverity.Error));
    }

    [Theory]
    [InlineData("")]
    [InlineData("None")]
    public void A_headless_service_has_no_usable_endpoint_and_says_so(string addresses)
    {
        var service = Given.Snapshot(At(addresses), Old).Service("a");
        Assert.Empty(service.Clusters[0].Endpoints);
        Assert.Contains(service.Diagnostics, static d => d is { Code: "EndpointsOutdated", Severity: DiagnosticSeverity.Error });
    }

    [Fact]
    public void An_address_that_another_service_has_leads_astray() =>
        Assert.Empty(Given.Snapshot(At("10.96.0.1"), At("10.96.0.1", "0"), Old).Cluster("a").Endpoints);

    [Fact]
    public void New_knowledge_replaces_old()
    {
        var snapshot = Given.Snapshot(At("10.96.0.1"), Old, Given.Slice("new", "a", 8080, Given.Endpoint("10.0.0.2")));
        Assert.Equal("10.0.0.2:8080", Assert.Single(snapshot.Cluster("a").Endpoints).HostPort);
        Assert.Empty(snapshot.Service("a").Diagnostics);
    }

    private static Service At(string addresses, string name = "a")
    {
        var service = Given.Service(name);
        return service with { Spec = service.Spec with { ClusterIPs = [.. addresses.Split(',', StringSplitOptions.RemoveEmptyEntries)] } };
    }
}
