using System.Text.Json;
using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Tests.Compilation.Tls;
using static MeshSdk.Tests.Compilation.Inbound.Server;

namespace MeshSdk.Tests.Compilation.Inbound;

/// <summary>When the model of the server half is another one, and when nobody may be served by it.</summary>
public sealed class InboundCompilerTests
{
    private const string AllowGet = """{"rules":[{"to":[{"operation":{"methods":["GET"]}}]}]}""";

    private static Dictionary<string, Resource> IndifferentObjects => new()
    {
        { "a service", Given.Service("b") },
        { "a policy of another namespace", TlsObjects.Peers("other/n", "STRICT") },
        { "authorization in another namespace", Authorization("other/n", "{}") },
        { "tokens in another namespace", Tokens("other/n") },
        { "another pod", new Pod { Metadata = new ObjectMeta { Namespace = "ns", Name = "other", Labels = LabelsOf("app=b") } } },
        { "the own pod, with another address", Me("app=a") with { Status = new PodStatus { PodIPs = [new PodIP { Ip = "10.9.9.9" }] } } },
        { "the same peers again", Noted(TlsObjects.Peers("ns/n", "STRICT")) },
        { "the same authorization again", Noted(Authorization("ns/n", AllowGet.Replace(":", " : ", StringComparison.Ordinal))) },
        { "the same authorization in another place", Authorization("ns/n", AllowGet) with { Origin = new("mesh.yaml", 3, 77) } },
        { "the same tokens again", Noted(Tokens("ns/n")) },
        { "a MeshConfig that says nothing of it", TlsObjects.MeshConfig("connectTimeout: 3s") },
    };

    private static Dictionary<string, Resource> DecisiveObjects => new()
    {
        { "another mode", TlsObjects.Peers("ns/n", "DISABLE") },
        { "a mode for some pods", TlsObjects.Peers("ns/w", "DISABLE", "app=a") },
        { "another port", TlsObjects.Peers("ns/n", "STRICT", null, "80=DISABLE") },
        { "peers of the mesh", TlsObjects.Peers("istio-system/m", "STRICT") },
        { "other rules", Authorization("ns/n", AllowGet.Replace("GET", "PUT", StringComparison.Ordinal)) },
        { "no rules", Authorization("ns/n", null) },
        { "another authorization", Authorization("ns/a", "{}") },
        { "authorization of the mesh", Authorization("istio-system/a", "{}") },
        { "authorization that is tried out", Authorization("ns/n", AllowGet, annotations: "istio.io/dry-run=true") },
        { "authorization of another control plane", Authorization("ns/n", AllowGet, labels: "istio.io/rev=other") },
        { "tokens for others alone", Tokens("ns/n", "app=b") },
        { "another label of the own pod", Me("app=b") },
        { "the label that callers go by", Me("app=a,security.istio.io/tlsMode=istio") },
        { "a sidecar in the own pod", Me("app=a") with { Spec = new PodSpec { Containers = PodProxies.Istio } } },
        { "another trust domain", TlsObjects.MeshConfig("trustDomain: td.example") },
        { "an alias of the trust domain", TlsObjects.MeshConfig("trustDomainAliases: [td.example]") },
        { "another root namespace", TlsObjects.MeshConfig("rootNamespace: mesh-root") },
    };

    public static TheoryData<string> Indifferent => [.. IndifferentObjects.Keys];

    public static TheoryData<string> Decisive => [.. DecisiveObjects.Keys];

    [Theory]
    [MemberData(nameof(Indifferent))]
    public void It_is_the_same_object_whatever_else_changes(string what)
    {
        var resource = IndifferentObjects[what];
        var server = Known();
        var before = server.Model;
        Assert.Same(before, server.Apply(resource));
        Assert.Same(before, server.Apply(resource with { }));
        Assert.Same(before, server.Forget(new UnknownScope("HTTPRoute", "ns", null, "it may not be read")));
    }

    [Theory]
    [MemberData(nameof(Decisive))]
    public void It_is_another_one_when_what_it_is_made_from_changes(string what)
    {
        var resource = DecisiveObjects[what];
        var server = Known();
        var before = server.Model;
        var after = server.Apply(resource);
        Assert.NotSame(before, after);
        Assert.Same(after, server.Apply(resource));
    }

    [Theory]
    [InlineData("PeerAuthentication", "ns", true)]
    [InlineData("PeerAuthentication", "istio-system", true)]
    [InlineData("PeerAuthentication", null, true)]
    [InlineData("PeerAuthentication", "other", false)]
    [InlineData("AuthorizationPolicy", "ns", true)]
    [InlineData("AuthorizationPolicy", "istio-system", true)]
    [InlineData("AuthorizationPolicy", null, true)]
    [InlineData("AuthorizationPolicy", "other", false)]
    [InlineData("RequestAuthentication", "ns", false)]
    [InlineData("DestinationRule", "ns", false)]
    public void What_may_not_be_read_makes_it_unknown_where_it_may_ask_for_something(string kind, string? ns, bool isUnknown)
    {
        var server = Known();
        var before = server.Model;
        server.Forget(new UnknownScope(kind, ns, null, "grant list and watch"));
        Assert.Equal(
            isUnknown ? $"it is not known which {kind}s there are for namespace ns: grant list and watch" : null, server.Model.Unknown);
        server.Forget();
        Assert.Null(server.Model.Unknown);
        Assert.Equal(before, server.Model with { Diagnostics = before.Diagnostics, Ports = before.Ports });
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(true, false, true)]
    [InlineData(false, true, true)]
    [InlineData(true, true, false)]
    public void What_the_mesh_says_of_itself_has_to_be_known_where_options_do_not_say_it(bool statesRoot, bool statesDomain, bool isUnknown)
    {
        var server = new Server(configure: caller => caller with { StatesRootNamespace = statesRoot, StatesTrustDomain = statesDomain });
        server.Forget(new UnknownScope("ConfigMap", "istio-system", "istio", "grant list and watch."));
        Assert.Equal(
            isUnknown
                ? "it is not known what the ConfigMap istio-system/istio says, which may name another root namespace and another trust domain: "
                    + "grant list and watch; or state Mesh:RootNamespace and Mesh:TrustDomain"
                : null,
            server.Model.Unknown);
        Assert.Equal(PathNormalization.Unknown, server.Model.Authorization.Normalization);

        // A manifest says it as well.
        server.Apply(TlsObjects.MeshConfig("rootNamespace: mesh-root"));
        Assert.Null(server.Model.Unknown);
        Assert.Equal(PathNormalization.Base, server.Model.Authorization.Normalization);
        server.Forget(new UnknownScope("ConfigMap", "ns", "istio", "it is another one"), new UnknownScope("ConfigMap", "istio-system", "other", "so is it"));
        Assert.Null(server.Model.Unknown);
    }

    [Theory]
    [InlineData("rootNamespace: [x]", true)]
    [InlineData("trustDomain: {a: b}", true)]
    [InlineData("rootNamespace: {", true)]
    [InlineData("pathNormalization: [x]", false)]
    [InlineData("rootNamespace: mesh-root", false)]
    public void A_mesh_config_that_hides_whose_policies_count_leaves_that_unknown(string config, bool isUnknown)
    {
        var server = new Server();
        server.Apply(TlsObjects.MeshConfig(config));
        Assert.Equal(isUnknown, server.Model.Unknown is not null);

        var stated = new Server(configure: static caller => caller with { StatesRootNamespace = true, StatesTrustDomain = true });
        stated.Apply(TlsObjects.MeshConfig(config));
        Assert.Null(stated.Model.Unknown);
    }

    [Fact]
    public void Another_reason_is_told_and_changes_nothing_else()
    {
        var server = Known();
        var one = server.Forget(new UnknownScope("AuthorizationPolicy", "ns", null, "one"));
        var two = server.Forget(new UnknownScope("AuthorizationPolicy", "ns", null, "two"));
        Assert.EndsWith("two", two.Unknown, StringComparison.Ordinal);
        Assert.Equal(one, two with { Unknown = one.Unknown });
        Assert.True(two.DiffersInReasonAlone(one));
        Assert.False(server.Forget(new UnknownScope("PeerAuthentication", "ns", null, "two")).DiffersInReasonAlone(two));
        Assert.False(server.Forget().DiffersInReasonAlone(two));
    }

    [Fact]
    public void What_stands_before_the_process_has_to_know_in_its_place()
    {
        foreach (var kind in new[] { LocalProxyKind.Sidecar, LocalProxyKind.Ambient })
        {
            var server = new Server(proxy: new LocalProxy(kind, "so it is"));
            server.Forget(new UnknownScope("AuthorizationPolicy", "ns", null, "grant list and watch"));
            Assert.Null(server.Model.Unknown);
            Assert.Equal(new LocalProxy(kind, "so it is"), server.Model.Proxy);
        }
    }

    [Fact]
    public void A_fault_keeps_what_was_asked_before()
    {
        var server = Known();
        var before = server.Model;
        server.Apply(Hostile(0));
        server.Apply(Hostile(1));
        Assert.Contains("InternalFault", server.Problems, StringComparison.Ordinal);
        Assert.Equal(before.Mode, server.Model.Mode);
        Assert.Null(server.Model.Unknown);

        server.Delete(Hostile(0));
        Assert.DoesNotContain("InternalFault", server.Problems, StringComparison.Ordinal);
        server.Apply(TlsObjects.Peers("ns/n", "DISABLE"));
        Assert.Equal(PeerMode.Disable, server.Model.Mode!.Mode);
    }

    [Theory]
    [InlineData("ns/n", null, true)]
    [InlineData("istio-system/n", null, true)]
    [InlineData("other/n", null, false)]
    [InlineData("ns/n", "app=a", true)]
    [InlineData("ns/n", "app=b", false)]
    [InlineData("istio-system/n", "app=a", true)]
    [InlineData("istio-system/n", "app=b", false)]
    public void Tokens_are_told_not_to_be_checked(string name, string? selector, bool expected)
    {
        var server = new Server();
        server.Apply(Tokens(name, selector));
        var told = server.Snapshot.Diagnostics.Where(static problem => problem.Code == DiagnosticCode.NotImplemented).ToList();
        Assert.Equal(expected, told.Count == 1);
        Assert.All(told, problem => Assert.StartsWith("tokens are not checked here: ", problem.Message, StringComparison.Ordinal));
        Assert.Equal(told, server.Model.Diagnostics);
    }

    [Theory]
    [InlineData("""[{"group":"gateway.networking.k8s.io","kind":"Gateway","name":"g"}]""", false)]
    [InlineData("[]", true)]
    [InlineData("null", true)]
    public void Tokens_at_gateways_are_no_matter_of_this_process(string targets, bool expected)
    {
        var server = new Server();
        var policy = Tokens("ns/n");
        server.Apply(policy with { Spec = policy.Spec with { TargetRefs = JsonSerializer.Deserialize<JsonElement>(targets) } });
        Assert.Equal(expected, server.Snapshot.Diagnostics.Length == 1);
    }

    [Fact]
    public void Policies_of_all_kinds_are_none_of_which_it_is_said_that_they_lead_nowhere()
    {
        var server = new Server();
        server.Apply(Authorization("other/n", "{}"), Authorization("other/m", """{"selector":{"matchLabels":{"app":"none"}},"action":"DENY"}"""), Tokens("other/n"));
        Assert.Empty(server.Snapshot.Diagnostics);
        Assert.Empty(Given.Snapshot(Authorization("ns/n", "{}"), Tokens("ns/n")).Diagnostics);
    }

    private static Server Known()
    {
        var server = new Server(labels: null, pod: "me");
        server.Apply(Me("app=a"), TlsObjects.Peers("ns/n", "STRICT"), Authorization("ns/n", AllowGet), Tokens("ns/n"));
        Assert.Null(server.Model.Unknown);
        return server;
    }

    private static Pod Me(string labels) => new() { Metadata = new ObjectMeta { Namespace = "ns", Name = "me", Labels = LabelsOf(labels) } };

    private static RequestAuthentication Tokens(string name, string? selector = null)
    {
        var id = Given.Id(name);
        return new RequestAuthentication
        {
            Metadata = new ObjectMeta { Namespace = id.Namespace, Name = id.Name },
            Spec = new RequestAuthenticationSpec { Selector = selector is null ? null : new WorkloadSelector { MatchLabels = LabelsOf(selector) } },
        };
    }

    // What can never be read from anywhere, and makes comparisons throw.
    private static AuthorizationPolicy Hostile(int version) =>
        new() { Metadata = new ObjectMeta { Namespace = "ns", Name = "hostile", ResourceVersion = $"{version}" }, Spec = default(JsonElement) };

    private static T Noted<T>(T resource)
        where T : Resource => resource with { Metadata = resource.Metadata with { ResourceVersion = "99", Generation = 3 } };
}
