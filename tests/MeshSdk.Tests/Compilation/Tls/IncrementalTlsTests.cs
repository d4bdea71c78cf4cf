using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation.Tls;

/// <summary>A change compiles what it touches, and leaves equal what it does not change: connections of an equal cluster stay.</summary>
public sealed class IncrementalTlsTests
{
    private readonly ResourceStore _store = Given.Store(
        Given.Service("a"), Given.Slice("as", "a", 8080, Given.Endpoint("10.0.0.1", pod: "a-1")), TlsObjects.MeshPod("a-1", "10.0.0.1", labels: [("app", "a")]),
        Given.Service("b"), Given.Slice("bs", "b", 8080, Given.Endpoint("10.0.0.2", pod: "b-1")), TlsObjects.MeshPod("b-1", "10.0.0.2", labels: [("app", "b")]));

    private readonly MeshCompiler _compiler = Given.Compiler(TlsObjects.WithIdentity);

    [Fact]
    public void A_policy_for_some_pods_leaves_all_other_services_as_they_are()
    {
        var before = _compiler.Compile(_store);
        Assert.Equal((TlsMode.Istio, TlsMode.Istio), (Tls(before, "a"), Tls(before, "b")));

        var after = Apply(before, TlsObjects.Peers("w", "DISABLE", "app=a"));
        Assert.Equal((TlsMode.None, TlsMode.Istio), (Tls(after, "a"), Tls(after, "b")));
        Assert.Same(before.Service("b"), after.Service("b"));

        var gone = _compiler.Recompile(after, _store, _store.Apply([], [new("PeerAuthentication", "ns", "w")]));
        Assert.Equal(TlsMode.Istio, Tls(gone, "a"));
    }

    [Fact]
    public void A_policy_of_the_root_namespace_that_the_mesh_names_itself_is_for_all()
    {
        var snapshot = Apply(_compiler.Compile(_store), TlsObjects.MeshConfig("rootNamespace: roots"));
        snapshot = Apply(snapshot, TlsObjects.Peers("roots/m", "DISABLE"));
        Assert.Equal((TlsMode.None, TlsMode.None), (Tls(snapshot, "a"), Tls(snapshot, "b")));
        snapshot = Apply(snapshot, TlsObjects.Peers("istio-system/m", "STRICT"), TlsObjects.Peers("roots/m", "UNSET"));
        Assert.Equal((TlsMode.Istio, TlsMode.Istio), (Tls(snapshot, "a"), Tls(snapshot, "b")));
    }

    [Fact]
    public void What_changes_nothing_gives_equal_endpoints_and_TLS()
    {
        var before = _compiler.Compile(_store);
        var after = Apply(before, TlsObjects.Peers("n", "PERMISSIVE"));
        Assert.Equal(before.Cluster("a").Endpoints.AsEnumerable(), after.Cluster("a").Endpoints);
        Assert.Equal(before.Cluster("a").Tls, after.Cluster("a").Tls);
    }

    [Fact]
    public void A_label_of_a_pod_counts_as_soon_as_it_changes()
    {
        var snapshot = _compiler.Compile(_store);
        snapshot = Apply(snapshot, TlsObjects.MeshPod("a-1", "10.0.0.1", mode: null));
        Assert.Equal((TlsMode.None, TlsMode.Istio), (Tls(snapshot, "a"), Tls(snapshot, "b")));
        snapshot = _compiler.Recompile(snapshot, _store, _store.Apply([], [new("Pod", "ns", "b-1")]));
        Assert.NotNull(snapshot.Cluster("b").Endpoints[0].Withheld);
    }

    [Fact]
    public void What_becomes_unknown_and_known_again_leaves_nothing_behind()
    {
        var before = _compiler.Compile(_store);
        foreach (var scope in new UnknownScope[] { new("PeerAuthentication", "ns", null, "forbidden"), new("Pod", "ns", "a", "forbidden"), new("Pod", null, null, "forbidden") })
        {
            _store.Apply([], [new("Pod", "ns", "a-1")]);
            var unknown = _compiler.Recompile(before, _store, [.. _compiler.Apply(_store, [scope]), Given.Id("a")]);
            Assert.NotNull(unknown.Cluster("a").Endpoints[0].Withheld);
            var dirty = _compiler.Apply(_store, []);
            Assert.Contains(Given.Id("a"), dirty);
            var after = _compiler.Recompile(unknown, _store, [.. dirty, .. _store.Apply([TlsObjects.MeshPod("a-1", "10.0.0.1", labels: [("app", "a")])], [])]);
            Assert.Equal(SnapshotWriter.Write(before), SnapshotWriter.Write(after));
        }
    }

    private MeshSnapshot Apply(MeshSnapshot previous, params Resource[] resources)
    {
        var after = _compiler.Recompile(previous, _store, _store.Apply([.. resources], []));
        Assert.Equal(SnapshotWriter.Write(Given.Compiler(TlsObjects.WithIdentity).Compile(_store)), SnapshotWriter.Write(after));
        return after;
    }

    private static TlsMode Tls(MeshSnapshot snapshot, string name) => snapshot.Cluster(name).Endpoints[0].Tls;
}
