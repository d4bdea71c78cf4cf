using MeshSdk.Model;
using MeshSdk.Sources;
using static MeshSdk.Kubernetes.Tests.Scopes.Objects;

namespace MeshSdk.Kubernetes.Tests.Scopes;

/// <summary>What is read of peers: their policies, and the pods that the mode of TLS and the identities are told by.</summary>
public sealed class PeerTests
{
    private const string Pods = "pods in namespace shop (app=backend)";

    private static readonly Dictionary<string, string> Selector = new() { ["app"] = "backend" };

    public static TheoryData<string, bool> Demands => new()
    {
        // Who has an identity asks each endpoint whether it can do mutual TLS, unless a rule says how it is spoken to.
        { "identity", true },
        { "identity, rule ISTIO_MUTUAL", true },
        { "identity, rule DISABLE", false },
        { "identity, rule SIMPLE", false },
        { "identity, rule elsewhere DISABLE", true },
        { "identity, peers STRICT", true },
        { "identity, peers DISABLE", true },
        { "identity, mesh without", false },
        { "identity, mesh without, rule ISTIO_MUTUAL", true },
        { "identity, pods never", false },

        // Who has none asks only who refuses plaintext.
        { "none", false },
        { "none, rule ISTIO_MUTUAL", true },
        { "none, peers STRICT", true },
        { "none, peers PERMISSIVE", false },
        { "none, peers elsewhere STRICT", true },
        { "none, peers elsewhere STRICT, rule SIMPLE", false },
        { "none, peers of some STRICT", true },
        { "none, peers of some elsewhere STRICT", false },
        { "none, peers of some STRICT, rule DISABLE", false },

        // In ambient mode the other pods have to be in it too.
        { "none, ambient", true },
        { "none, ambient, rule DISABLE", false },

        // Nobody asks where nothing comes of it.
        { "off", false },
        { "off, rule ISTIO_MUTUAL", false },
        { "off, peers of some STRICT", false },
        { "off, ambient", false },
        { "identity, never automatic", false },
        { "identity, never automatic, rule ISTIO_MUTUAL", true },
        { "identity, never automatic, peers of some STRICT", false },
    };

    [Theory]
    [MemberData(nameof(Demands))]
    public void Pods_are_read_where_something_comes_of_it(string situation, bool expected)
    {
        var words = situation.Split(", ");
        var mesh = Follow(words);
        mesh.Demand("backend");
        Assert.Equal(expected, mesh.Cluster.Running.Contains(Pods));
        Assert.Equal(expected, mesh.Mesh.ContainsKey("Pod shop/pod-1"));
        Assert.Contains("Service shop/backend", mesh.InMesh);
    }

    [Theory]
    [MemberData(nameof(Demands))]
    public void Whole_namespaces_of_them_are_read_where_any_is(string situation, bool expected)
    {
        // There all services are called, so that a rule that leaves nothing to ask for one of them decides nothing.
        var isOfOthersToo = situation.StartsWith("identity, rule", StringComparison.Ordinal) || situation.EndsWith("rule DISABLE", StringComparison.Ordinal)
            || situation.EndsWith("rule SIMPLE", StringComparison.Ordinal);
        var mesh = Follow(situation.Split(", "), static options => options.Scope = MeshKubernetesScope.Namespaces);
        Assert.True(mesh.Synced);
        Assert.Equal(expected || isOfOthersToo, mesh.Cluster.Running.Contains("pods in namespace shop"));
    }

    [Theory]
    [InlineData("identity", true)]
    [InlineData("none", true)]
    [InlineData("off", false)]
    [InlineData("identity, never automatic", false)]
    public void Policies_of_peers_are_read_where_they_count(string situation, bool expected)
    {
        var mesh = Follow([.. situation.Split(", "), "peers STRICT"]);
        Assert.Equal(expected, mesh.Cluster.Running.Contains("peerauthentications.security.istio.io in namespace shop"));
        Assert.Equal(expected, mesh.Cluster.Running.Contains("peerauthentications.security.istio.io in namespace istio-system"));
        Assert.Equal(expected, mesh.Mesh.ContainsKey("PeerAuthentication shop/peers"));
    }

    [Fact]
    public void A_policy_for_some_pods_that_comes_later_brings_the_pods()
    {
        var mesh = Follow(["none"]);
        mesh.Demand("backend");
        Assert.DoesNotContain(Pods, mesh.Cluster.Running);
        mesh.Cluster.Put(Peers("STRICT", Selector));
        mesh.Run();
        Assert.Contains(Pods, mesh.Cluster.Running);
        mesh.Cluster.Delete(Peers("STRICT", Selector));
        mesh.Run();
        Assert.DoesNotContain(Pods, mesh.Cluster.Running);
    }

    [Fact]
    public void The_own_pod_tells_whether_it_is_in_ambient_mode()
    {
        var own = Pod("me", new() { ["app"] = "client" });
        own = own with { Metadata = own.Metadata with { Annotations = new() { ["ambient.istio.io/redirection"] = "enabled" } } };
        var mesh = new Following(
            arrange: cluster => cluster.Put(own, Service("backend", selector: Selector), Slice("backend"), Pod("pod-1", Selector)),
            caller: new CallerContext { Namespace = "shop", Pod = "me" });
        mesh.Demand("backend");
        Assert.Contains(Pods, mesh.Cluster.Running);

        mesh.Cluster.Put(Pod("me", new() { ["app"] = "client" }));
        mesh.Run();
        Assert.DoesNotContain(Pods, mesh.Cluster.Running);
    }

    [Fact]
    public void What_may_not_be_read_of_them_is_unknown_and_a_kind_that_is_not_there_is_not()
    {
        var mesh = Follow(["identity"], arrange: static cluster => cluster.Forbid(static target => target.Kind.Kind is "PeerAuthentication" or "Pod"));
        mesh.Demand("backend");
        Assert.Equal(
            [("PeerAuthentication", "istio-system", null), ("PeerAuthentication", "shop", null), ("Pod", "shop", "backend")],
            mesh.Unknown.Select(static scope => (scope.Kind, scope.Namespace!, scope.Name)));

        mesh = Follow(["identity"], arrange: static cluster => cluster.Uninstall("PeerAuthentication"));
        mesh.Demand("backend");
        Assert.Empty(mesh.Unknown);
        Assert.True(mesh.Synced);
    }

    [Fact]
    public void The_last_known_ones_stay_when_they_may_not_be_read_any_more()
    {
        var mesh = Follow(["identity", "peers STRICT"]);
        mesh.Demand("backend");
        mesh.Cluster.Forbid(static target => target.Kind.Kind is "PeerAuthentication" or "Pod");
        mesh.Run();
        Assert.Contains("PeerAuthentication shop/peers", mesh.InMesh);
        Assert.Contains("Pod shop/pod-1", mesh.InMesh);
        Assert.Empty(mesh.Unknown);
        Assert.Equal(3, mesh.Problems.Count(static problem => problem.Code == "Forbidden"));
    }

    [Fact]
    public void Another_root_namespace_has_all_kinds_followed_that_count_there()
    {
        var mesh = Follow(["identity"], arrange: static cluster => cluster.Put(MeshConfig("rootNamespace: mesh-root"), Peers("STRICT", ns: "mesh-root")));
        Assert.Contains("destinationrules.networking.istio.io in namespace mesh-root", mesh.Cluster.Running);
        Assert.Contains("peerauthentications.security.istio.io in namespace mesh-root", mesh.Cluster.Running);
        Assert.Contains("PeerAuthentication mesh-root/peers", mesh.InMesh);
    }

    private static Following Follow(string[] words, Action<MeshKubernetesOptions>? configure = null, Action<FakeCluster>? arrange = null) => new(
        options =>
        {
            options.Pods = words.Contains("pods never") ? MeshKubernetesPods.Never : MeshKubernetesPods.Auto;
            configure?.Invoke(options);
        },
        cluster =>
        {
            cluster.Put(Service("backend", selector: Selector), Slice("backend"), Pod("pod-1", Selector));
            foreach (var word in words)
            {
                switch (word.Split(' '))
                {
                    case ["rule", var mode]:
                        cluster.Put(Rule("backend", tls: mode));
                        break;
                    case ["rule", "elsewhere", var mode]:
                        cluster.Put(Rule("other", tls: mode));
                        break;
                    case ["peers", "elsewhere", var mode]:
                        cluster.Put(Peers(mode, ns: "istio-system"));
                        break;
                    case ["peers", var mode]:
                        cluster.Put(Peers(mode));
                        break;
                    case ["peers", "of", "some", var mode]:
                        cluster.Put(Peers(mode, new() { ["app"] = "any" }));
                        break;
                    case ["peers", "of", "some", "elsewhere", var mode]:
                        cluster.Put(Peers(mode, new() { ["app"] = "any" }, "istio-system"));
                        break;
                    case ["mesh", "without"]:
                        cluster.Put(MeshConfig("enableAutoMtls: false"));
                        break;
                }
            }

            arrange?.Invoke(cluster);
        },
        caller: new CallerContext { Namespace = "shop", Proxy = words.Contains("ambient") ? new LocalProxy(LocalProxyKind.Ambient, "") : null },
        peers: new PeerDemand(AreVerified: !words.Contains("off"), IsAutomatic: !words.Contains("never automatic"), HasIdentity: words.Contains("identity")));
}
