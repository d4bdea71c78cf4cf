using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Tests.Compilation;

namespace MeshSdk.Tests.Resources;

/// <summary>Which services a change of what says how TLS is done touches: those, and no others.</summary>
public sealed class TouchedServicesTests
{
    private readonly ResourceStore _store = Given.Store(
        Given.Service("a"), Given.Slice("a-1", "a", 80, Given.Endpoint("10.0.0.1", pod: "a-1")), Labelled("a-1", "a", "10.0.0.1"),
        Given.Service("b"), Given.Slice("b-1", "b", 80, Given.Endpoint("10.0.0.2", pod: "b-1")), Labelled("b-1", "b", "10.0.0.2"),
        Given.Service("c"), Given.Slice("c-1", "c", 80, Given.Endpoint("10.0.0.3")),
        Given.Service("other/d"), Given.Service("istio-system/e"));

    [Fact]
    public void A_peer_authentication_of_a_namespace_touches_its_services() =>
        Touches(Peers("ns/default"), "ns/a", "ns/b", "ns/c");

    [Fact]
    public void One_of_the_root_namespace_touches_all() =>
        Touches(Peers("istio-system/default"), "ns/a", "ns/b", "ns/c", "other/d", "istio-system/e");

    [Fact]
    public void One_of_a_root_namespace_that_the_mesh_names_itself_touches_all()
    {
        _store.RootNamespace = "other";
        Touches(Peers("other/default"), "ns/a", "ns/b", "ns/c", "other/d", "istio-system/e");
    }

    [Fact]
    public void One_with_a_selector_touches_the_services_on_the_pods_that_it_selects() =>
        Touches(Peers("ns/a", ("app", "a")), "ns/a", "ns/c");

    [Fact]
    public void One_with_a_selector_touches_services_whose_pods_are_not_known()
    {
        _store.Apply([], [new("Pod", "ns", "b-1")]);
        Touches(Peers("ns/a", ("app", "a")), "ns/a", "ns/b", "ns/c");
    }

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.9")]
    public void One_with_a_selector_touches_services_whose_pods_are_not_proven(string address)
    {
        var pod = Labelled("b-1", "b", address);
        _store.Apply([address.Length > 0 ? pod : pod with { Status = new PodStatus() }], []);
        Touches(Peers("ns/a", ("app", "a")), "ns/a", "ns/b", "ns/c");
    }

    [Fact]
    public void One_with_a_selector_touches_services_whose_endpoints_are_outdated()
    {
        _store.Apply([Given.Slice("b-1", "b", 80, Given.Endpoint("10.0.0.2", pod: "b-1")) with { IsOutdated = true }], []);
        Touches(Peers("ns/a", ("app", "a")), "ns/a", "ns/b", "ns/c");
    }

    [Fact]
    public void A_selector_that_changes_touches_the_services_that_it_left_and_those_that_it_came_to()
    {
        _store.Apply([Peers("ns/p", ("app", "a"))], []);
        Assert.Equal([Given.Id("a"), Given.Id("b"), Given.Id("c")], _store.Apply([Peers("ns/p", ("app", "b"))], []).Order(ById));
    }

    [Fact]
    public void A_config_map_touches_the_services_of_the_policies_that_trust_it()
    {
        _store.Apply([Trusting("p", "ca", Given.Target("a")), Trusting("q", "other", Given.Target("b"))], []);

        Touches(ConfigMap("ns/ca", "one"), "ns/a");
        Touches(ConfigMap("ns/ca", "two"), "ns/a");
        Touches(ConfigMap("ns/ca", "two"));
        Touches(ConfigMap("ns/unnamed", "one"));
        Touches(ConfigMap("other/ca", "one"));
    }

    [Fact]
    public void A_config_map_touches_nothing_any_more_once_no_policy_trusts_it()
    {
        var policy = Trusting("p", "ca", Given.Target("a"));
        _store.Apply([policy], []);
        _store.Apply([], [policy.Key]);

        Touches(ConfigMap("ns/ca", "one"));
    }

    [Theory]
    [InlineData("ns/client", "ns/a")]
    [InlineData("ns/client-cacert", "ns/a")]
    [InlineData("ns/ca")]
    public void A_secret_touches_the_services_of_the_rules_that_name_it(string name, params string[] touched)
    {
        _store.Apply([Rule("r", "a", "client"), Rule("s", "b", "another")], []);

        Touches(Secret(name), touched);
    }

    [Fact]
    public void A_secret_of_a_rule_for_a_port_or_for_many_hosts_touches_them_too()
    {
        _store.Apply([Rule("r", "*.ns.svc.cluster.local", "client", port: 80)], []);

        Touches(Secret("ns/client"), "ns/a", "ns/b", "ns/c");
    }

    [Fact]
    public void A_service_without_pods_is_another_one_after_each_touch()
    {
        var before = _store.PodsVersionOf(Given.Id("c"));
        _store.Apply([Peers("ns/default")], []);
        Assert.NotEqual(before, _store.PodsVersionOf(Given.Id("c")));
    }

    private static IComparer<ServiceId> ById => Comparer<ServiceId>.Create(static (x, y) => string.CompareOrdinal($"{x}", $"{y}"));

    private void Touches(Resource resource, params string[] services) =>
        Assert.Equal(services.Select(Given.Id).Order(ById), _store.Apply([resource], []).Order(ById));

    private static Pod Labelled(string name, string app, string address)
    {
        var pod = Given.Pod(name, null, address);
        return pod with { Metadata = pod.Metadata with { Labels = new() { ["app"] = app } } };
    }

    private static PeerAuthentication Peers(string name, params (string Name, string Value)[] selector) => new()
    {
        Metadata = new ObjectMeta { Namespace = name.Split('/')[0], Name = name.Split('/')[1] },
        Spec = new PeerAuthenticationSpec
        {
            Selector = selector.Length == 0 ? null : new WorkloadSelector { MatchLabels = selector.ToDictionary(static l => l.Name, static l => l.Value) },
            Mtls = new PeerMutualTls { Mode = "STRICT" },
        },
    };

    private static BackendTlsPolicy Trusting(string name, string configMap, PolicyTargetReference target) =>
        Given.TlsPolicy(name, "a.example", target) with
        {
            Spec = new BackendTlsPolicySpec
            {
                TargetRefs = [target],
                Validation = new BackendTlsValidation { Hostname = "a.example", CaCertificateRefs = [new() { Kind = "ConfigMap", Name = configMap }] },
            },
        };

    private static CertificateConfigMap ConfigMap(string name, string authority) => new()
    {
        Metadata = new ObjectMeta { Namespace = name.Split('/')[0], Name = name.Split('/')[1] },
        Data = new CertificateData { CaCrt = authority },
    };

    private static CertificateSecret Secret(string name) => new()
    {
        Metadata = new ObjectMeta { Namespace = name.Split('/')[0], Name = name.Split('/')[1] },
        Data = new CertificateData { CaCrt = "ca" },
    };

    private static DestinationRule Rule(string name, string host, string credential, int? port = null)
    {
        var tls = new TrafficPolicy { Tls = new ClientTlsSettings { Mode = "MUTUAL", CredentialName = credential } };
        return new DestinationRule
        {
            Metadata = new ObjectMeta { Namespace = "ns", Name = name },
            Spec = new DestinationRuleSpec
            {
                Host = host,
                TrafficPolicy = port is null ? tls : new TrafficPolicy { PortLevelSettings = [tls with { Port = new PortSelector { Number = port.Value } }] },
            },
        };
    }
}
