using MeshSdk.Compilation.Coexistence;
using MeshSdk.Compilation.Tls;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation.Coexistence;

/// <summary>What ambient mode changes about endpoints, on either side.</summary>
public sealed class AmbientPeerTests
{
    private const string Unknown = "nobody can tell who it is";

    public static TheoryData<string, bool> Peers => new()
    {
        { "annotation ambient.istio.io/redirection=enabled", true },
        { "annotation ambient.istio.io/redirection=pending", false },
        { "label networking.istio.io/tunnel=http", true },
        { "label networking.istio.io/tunnel=mtls,http", true },
        { "label networking.istio.io/tunnel=none", false },
        { "label istio.io/dataplane-mode=ambient", false },
        { "label security.istio.io/tlsMode=istio", false },
    };

    [Theory]
    [MemberData(nameof(Peers))]
    public void A_peer_is_captured_when_it_really_is(string mark, bool expected) => Assert.Equal(expected, AmbientPeers.IsCaptured(Marked(mark)));

    public static TheoryData<string, string, string> From => new()
    {
        // From ambient the proxies of the nodes do it, whatever a policy of the mesh asks for.
        { "Ambient", "None", "None" },
        { "Ambient", "Istio", "None" },
        { "Ambient", "Istio withheld", "None" },

        // TLS of the application's own goes through.
        { "Ambient", "Simple", "Simple" },
        { "Ambient", "Mutual", "Mutual" },

        // From elsewhere nothing changes.
        { "None", "None", "None" },
        { "None", "Istio", "Istio" },
        { "None", "Istio withheld", "Istio withheld" },
        { "None", "Simple", "Simple" },
    };

    [Theory]
    [MemberData(nameof(From))]
    public void The_tls_to_a_captured_peer(string proxy, string policy, string expected)
    {
        var decision = new AmbientPeers(Proxy(proxy)).Adjust(Decision(policy), Captured());
        Assert.Equal(expected, $"{decision.Mode}{(decision.Withheld is null ? "" : " withheld")}");
        Assert.Equal(proxy == "Ambient" && expected == "None", decision.IsCarried);
        Assert.Equal(decision.IsCarried, decision.Reason == AmbientPeers.Reason);
        Assert.Equal(decision.Mode == TlsMode.Istio && decision.Withheld is null, !decision.Identities.IsEmpty);
    }

    [Theory]
    [InlineData("None")]
    [InlineData("Istio")]
    [InlineData("Istio withheld")]
    public void A_peer_that_is_not_captured_is_spoken_to_as_policies_say(string policy)
    {
        var decision = Decision(policy);
        var ambient = new AmbientPeers(Proxy("Ambient"));
        Assert.Equal(decision, ambient.Adjust(decision, Given.Pod("a-1", null, "10.0.0.1")));
        Assert.Equal(decision, ambient.Adjust(decision, null));
    }

    [Fact]
    public void A_pod_whose_addresses_are_not_known_vouches_for_nothing()
    {
        var decision = Decision("Istio");
        Assert.Equal(decision, new AmbientPeers(Proxy("Ambient")).Adjust(decision, Captured() with { Status = new PodStatus() }));
    }

    [Fact]
    public void Who_is_refused_from_outside_is_told_of_ambient_mode()
    {
        var decision = new AmbientPeers(new LocalProxy(LocalProxyKind.None, "Pod ns/me is plain")).Adjust(Decision("Istio withheld"), Captured());
        Assert.StartsWith(Unknown, decision.Withheld, StringComparison.Ordinal);
        Assert.Contains("captured by ambient mode, which this process is not in (Pod ns/me is plain)", decision.Withheld, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.1", true)]
    [InlineData("10.0.0.9", false)]
    public void A_pod_speaks_for_the_endpoint_that_has_its_address(string address, bool isCaptured)
    {
        var store = Given.Store(
            Given.Service("a"),
            Given.Slice("s", "a", 80, Given.Endpoint("10.0.0.1", pod: "a-1")),
            Captured(address));
        var caller = new CallerContext { Namespace = "ns", Proxy = Proxy("Ambient") };
        var endpoint = new MeshSdk.Compilation.MeshCompiler(caller, MeshSdk.Compilation.CompilerOptions.Default).Compile(store).Cluster("a").Endpoints[0];
        Assert.Equal(isCaptured, endpoint.TlsReason == AmbientPeers.Reason);
    }

    public static TheoryData<string, string, string, string> Calls => new()
    {
        // From ambient mode to a pod in it the proxies do it, whoever has an identity and whatever is asked for.
        { "ambient", "identity", "captured", "None" },
        { "ambient", "none", "captured", "None" },
        { "ambient", "identity", "captured STRICT", "None" },
        { "ambient", "none", "captured STRICT", "None" },
        { "ambient", "identity", "captured ISTIO_MUTUAL", "None" },
        { "ambient", "none", "captured ISTIO_MUTUAL", "None" },
        { "ambient", "identity", "captured tlsMode", "None" },

        // To one that is not in it the process speaks for itself.
        { "ambient", "identity", "tlsMode", "Istio" },
        { "ambient", "identity", "plain", "None" },
        { "ambient", "none", "plain STRICT", "withheld" },
        { "ambient", "none", "tlsMode STRICT", "Istio" },
        { "ambient", "identity", "tlsMode ISTIO_MUTUAL", "Istio" },

        // From outside a pod in ambient mode is called in plaintext, unless it refuses that.
        { "outside", "identity", "captured", "None" },
        { "outside", "none", "captured", "None" },
        { "outside", "identity", "captured STRICT", "withheld" },
        { "outside", "none", "captured STRICT", "withheld" },
        { "outside", "identity", "captured DISABLE", "None" },
        { "outside", "identity", "captured tlsMode", "Istio" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void How_a_pod_is_called_from_ambient_mode_and_from_outside(string from, string identity, string peer, string expected)
    {
        var pod = peer.Contains("captured", StringComparison.Ordinal) ? Captured() : Given.Pod("a-1", null, "10.0.0.1");
        if (peer.Contains("tlsMode", StringComparison.Ordinal))
        {
            pod.Metadata.Labels!["security.istio.io/tlsMode"] = "istio";
        }

        var store = Given.Store(Given.Service("a"), Given.Slice("s", "a", 80, Given.Endpoint("10.0.0.1", pod: "a-1")), pod);
        if (peer.Split(' ')[^1] is ("STRICT" or "DISABLE") and var mode)
        {
            store.Apply([new PeerAuthentication { Metadata = new ObjectMeta { Namespace = "ns", Name = "p" }, Spec = new() { Mtls = new() { Mode = mode } } }], []);
        }
        else if (peer.EndsWith("ISTIO_MUTUAL", StringComparison.Ordinal))
        {
            store.Apply([new DestinationRule { Metadata = new ObjectMeta { Namespace = "ns", Name = "r" }, Spec = new() { Host = "a", TrafficPolicy = new() { Tls = new() { Mode = "ISTIO_MUTUAL" } } } }], []);
        }

        var caller = new CallerContext { Namespace = "ns", Proxy = Proxy(from == "ambient" ? "Ambient" : "None") };
        var options = MeshSdk.Compilation.CompilerOptions.Default with { HasIdentity = identity == "identity" };
        var cluster = new MeshSdk.Compilation.MeshCompiler(caller, options).Compile(store).Cluster("a");
        var endpoint = cluster.Endpoints[0];
        Assert.Equal(expected, endpoint.Withheld is null ? endpoint.Tls.ToString() : "withheld");
        Assert.True(endpoint.Tls == TlsMode.None || cluster.Tls is not null);
        if (from == "outside" && expected == "withheld")
        {
            Assert.Contains("captured by ambient mode, which this process is not in", endpoint.Withheld, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("captured", "-", "10.96.0.1:80 None")]
    [InlineData("captured", "STRICT", "10.96.0.1:80 None")]
    [InlineData("captured", "ISTIO_MUTUAL", "10.96.0.1:80 None")]
    [InlineData("tlsMode", "-", "10.0.0.1:80 Istio")]
    [InlineData("tlsMode", "ISTIO_MUTUAL", "10.0.0.1:80 Istio")]
    public void A_captured_peer_that_was_last_heard_of_too_long_ago_is_called_by_the_address_of_its_service(string peer, string policy, string expected)
    {
        var service = Given.Service("a");
        var store = Given.Store(
        [
            service with { Spec = service.Spec with { ClusterIPs = ["10.96.0.1"] } },
            Given.Slice("s", "a", 80, Given.Endpoint("10.0.0.1", pod: "a-1")) with { IsOutdated = true },
            peer == "captured" ? Captured() : Tls.TlsObjects.MeshPod("a-1", "10.0.0.1"),
            .. policy switch
            {
                "-" => Array.Empty<Resource>(),
                "STRICT" => [Tls.TlsObjects.Peers("n", policy)],
                _ => [Tls.TlsObjects.Rule(policy)],
            },
        ]);
        var compiler = new MeshSdk.Compilation.MeshCompiler(new CallerContext { Namespace = "ns", Proxy = Proxy("Ambient") }, Tls.TlsObjects.WithIdentity);
        var endpoint = Assert.Single(compiler.Compile(store).Cluster("a").Endpoints);
        Assert.Equal((expected, null), ($"{endpoint.HostPort} {endpoint.Tls}", endpoint.Withheld));
    }

    [Theory]
    [InlineData("Ambient", "spiffe://cluster.local/ns/ns/sa/default", "None")]
    [InlineData("Ambient", "spiffe://cluster.local/ns/ns/sa/other spiffe://cluster.local/ns/ns/sa/default", "None")]
    [InlineData("Ambient", "spiffe://cluster.local/ns/ns/sa/other", "withheld")]
    [InlineData("None", "spiffe://cluster.local/ns/ns/sa/other", "Istio")]
    public void Identities_that_a_rule_states_have_to_be_those_that_ambient_mode_proves(string proxy, string stated, string expected)
    {
        var store = Given.Store(
            Given.Service("a"), Given.Slice("s", "a", 80, Given.Endpoint("10.0.0.1", pod: "a-1")), Captured(),
            Tls.TlsObjects.Rule(new ClientTlsSettings { Mode = "ISTIO_MUTUAL", SubjectAltNames = [.. stated.Split(' ')] }));
        var service = new MeshSdk.Compilation.MeshCompiler(new CallerContext { Namespace = "ns", Proxy = Proxy(proxy) }, Tls.TlsObjects.WithIdentity).Compile(store).Service("a");
        var endpoint = service.Clusters[0].Endpoints[0];
        Assert.Equal(expected, endpoint.Withheld is null ? endpoint.Tls.ToString() : "withheld");
        Assert.Equal(
            expected == "None",
            service.Diagnostics.Any(static d => d is { Code: "Ignored", Subject: "DestinationRule ns/r", Path: "spec.trafficPolicy.tls.subjectAltNames", Severity: DiagnosticSeverity.Warning }));
        if (expected == "withheld")
        {
            Assert.Contains("Pod ns/a-1 runs as spiffe://cluster.local/ns/ns/sa/default, which is none of them", endpoint.Withheld, StringComparison.Ordinal);
        }
    }

    private static LocalProxy Proxy(string kind) => new(Enum.Parse<LocalProxyKind>(kind), "");

    private static EndpointTlsDecision Decision(string policy)
    {
        var isWithheld = policy.EndsWith("withheld", StringComparison.Ordinal);
        var tls = Enum.Parse<TlsMode>(policy.Split(' ')[0]);
        return new EndpointTlsDecision(tls, "a policy says so")
        {
            Withheld = isWithheld ? Unknown : null,
            Identities = tls == TlsMode.Istio && !isWithheld ? ["spiffe://cluster.local/ns/ns/sa/a"] : [],
        };
    }

    private static Pod Captured(string address = "10.0.0.1")
    {
        var pod = Given.Pod("a-1", null, address);
        return pod with { Metadata = pod.Metadata with { Annotations = new() { ["ambient.istio.io/redirection"] = "enabled" } } };
    }

    private static Pod Marked(string mark)
    {
        var (kind, name, value) = (mark.Split(' ')[0], mark.Split(' ')[1].Split('=')[0], mark.Split('=')[1]);
        var marks = new Dictionary<string, string> { [name] = value };
        return new Pod { Metadata = kind == "label" ? new ObjectMeta { Labels = marks } : new ObjectMeta { Annotations = marks } };
    }
}
