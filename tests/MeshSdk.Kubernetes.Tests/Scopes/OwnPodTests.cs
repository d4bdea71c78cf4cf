using MeshSdk.Kubernetes.Scopes;
using MeshSdk.Kubernetes.Snapshots;
using MeshSdk.Kubernetes.Watching;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;
using static MeshSdk.Kubernetes.Tests.Scopes.Objects;

namespace MeshSdk.Kubernetes.Tests.Scopes;

/// <summary>What is read for a process that others call: the policies for its own pod, and that pod.</summary>
public sealed class OwnPodTests
{
    private const string Peers = "peerauthentications.security.istio.io";
    private const string Authorizations = "authorizationpolicies.security.istio.io";
    private const string Tokens = "requestauthentications.security.istio.io";

    private static readonly CallerContext Me = new() { Namespace = "shop", Pod = "me", Locality = new Locality("eu", "a", ""), Proxy = LocalProxy.None };

    public static TheoryData<MeshKubernetesScope, string, string> Scopes => new()
    {
        // How much is followed; how peers count for calls; in which namespaces the policies are then read, of peers and of callers.
        { MeshKubernetesScope.OnDemand, "automatic", "other shop istio-system|shop istio-system" },
        { MeshKubernetesScope.OnDemand, "never automatic", "shop istio-system|shop istio-system" },
        { MeshKubernetesScope.OnDemand, "off", "shop istio-system|shop istio-system" },
        { MeshKubernetesScope.Namespaces, "automatic", "other shop istio-system|shop istio-system" },
        { MeshKubernetesScope.Namespaces, "off", "shop istio-system|shop istio-system" },
        { MeshKubernetesScope.Cluster, "automatic", "*|shop istio-system" },
        { MeshKubernetesScope.Cluster, "off", "shop istio-system|shop istio-system" },
    };

    [Theory]
    [MemberData(nameof(Scopes))]
    public void Policies_are_read_of_the_own_and_the_root_namespace_alone(MeshKubernetesScope scope, string peers, string expected)
    {
        var mesh = Follow(options => Scoped(options, scope), Demand(peers));
        Assert.True(mesh.Synced);
        Assert.Equal(expected, $"{NamespacesOf(mesh, Peers)}|{NamespacesOf(mesh, Authorizations)}");
        Assert.Equal(NamespacesOf(mesh, Authorizations), NamespacesOf(mesh, Tokens));
        Assert.Contains("AuthorizationPolicy shop/a", mesh.InMesh);
        Assert.Contains("AuthorizationPolicy istio-system/a", mesh.InMesh);
        Assert.Contains("RequestAuthentication shop/a", mesh.InMesh);
        Assert.Contains("PeerAuthentication shop/peers", mesh.InMesh);
        Assert.DoesNotContain("AuthorizationPolicy other/a", mesh.InMesh);
    }

    [Theory]
    [InlineData(MeshKubernetesScope.OnDemand)]
    [InlineData(MeshKubernetesScope.Cluster)]
    public void A_process_that_nobody_calls_reads_none_of_them(MeshKubernetesScope scope)
    {
        var mesh = Follow(options => Scoped(options, scope), PeerDemand.Default);
        Assert.DoesNotContain(mesh.Cluster.Started, static target => target.StartsWith(Authorizations, StringComparison.Ordinal) || target.StartsWith(Tokens, StringComparison.Ordinal));
        Assert.DoesNotContain("pods in namespace shop (metadata.name=me)", mesh.Cluster.Started);
    }

    [Fact]
    public void In_the_root_namespace_they_are_read_once()
    {
        var mesh = Follow(static _ => { }, Demand("automatic"), caller: new CallerContext { Namespace = "istio-system" });
        Assert.Equal("istio-system|istio-system", $"{NamespacesOf(mesh, Peers)}|{NamespacesOf(mesh, Authorizations)}");
    }

    [Theory]
    [InlineData(MeshKubernetesScope.OnDemand, "other shop istio-system mesh-root|shop istio-system mesh-root")]
    [InlineData(MeshKubernetesScope.Cluster, "*|shop istio-system mesh-root")]
    public void Another_root_namespace_has_them_followed_too(MeshKubernetesScope scope, string expected)
    {
        var mesh = Follow(options => Scoped(options, scope), Demand("automatic"), static cluster => cluster.Put(MeshConfig("rootNamespace: mesh-root"), Authorization("mesh-root")));
        Assert.Equal(expected, $"{NamespacesOf(mesh, Peers)}|{NamespacesOf(mesh, Authorizations)}");
        Assert.Contains("AuthorizationPolicy mesh-root/a", mesh.InMesh);

        // A namespace whose services are called has no policies for this process, until it is the root namespace.
        mesh.Cluster.Put(MeshConfig("rootNamespace: other"));
        mesh.Run();
        Assert.Contains("AuthorizationPolicy other/a", mesh.InMesh);
    }

    [Theory]
    [InlineData(MeshKubernetesPods.Auto, true)]
    [InlineData(MeshKubernetesPods.Never, false)]
    public void The_own_pod_is_read_for_its_labels(MeshKubernetesPods pods, bool expected)
    {
        var mesh = Follow(options => options.Pods = pods, Demand("off"));
        Assert.Equal(expected, mesh.Cluster.Running.Contains("pods in namespace shop (metadata.name=me)"));
        Assert.Equal(expected, mesh.Mesh.ContainsKey("Pod shop/me"));
    }

    [Fact]
    public void What_may_not_be_read_of_them_is_unknown_but_for_tokens_and_the_pod()
    {
        var mesh = Follow(static _ => { }, Demand("off"), static cluster => cluster.Forbid(static target => target.Kind.Group == "security.istio.io" || target.Kind.Kind == "Pod"));
        Assert.True(mesh.Synced);
        Assert.Equal(
            "AuthorizationPolicy istio-system, AuthorizationPolicy shop, PeerAuthentication istio-system, PeerAuthentication shop",
            string.Join(", ", mesh.Unknown.Select(static scope => $"{scope.Kind} {scope.Namespace}")));
        Assert.All(
            mesh.Problems.Where(static problem => problem.Code == "Forbidden"),
            static problem => Assert.Equal((DiagnosticSeverity.Info, true), (problem.Severity, problem.Subject.StartsWith(Tokens, StringComparison.Ordinal))));
        Assert.DoesNotContain(mesh.Health, static health => health.Kind == "RequestAuthentication");

        mesh.Cluster.Forbid(static _ => false);
        mesh.Cluster.Resume();
        mesh.Run();
        Assert.Empty(mesh.Unknown);
    }

    [Theory]
    [InlineData(true, false, false, true)]
    [InlineData(true, true, false, true)]
    [InlineData(true, false, true, true)]
    [InlineData(true, true, true, true)]
    [InlineData(false, false, false, false)]
    public void What_the_mesh_says_of_itself_is_unknown_to_a_server_that_could_not_read_it(bool serves, bool statesRoot, bool statesDomain, bool isUnknown)
    {
        foreach (var isLate in new[] { false, true })
        {
            var mesh = Follow(
                static _ => { },
                Demand("automatic") with { ServesInbound = serves },
                cluster =>
                {
                    if (isLate)
                    {
                        cluster.Hold("ConfigMap");
                    }
                    else
                    {
                        cluster.Forbid(static target => target.Kind.Kind == "ConfigMap");
                    }
                },
                Me with { StatesRootNamespace = statesRoot, StatesTrustDomain = statesDomain });
            mesh.Advance(TimeSpan.FromSeconds(11));
            Assert.True(mesh.Synced);
            Assert.Equal(isUnknown ? ["ConfigMap istio-system istio"] : [], mesh.Unknown.Select(static scope => $"{scope.Kind} {scope.Namespace} {scope.Name}"));

            mesh.Cluster.Forbid(static _ => false);
            mesh.Cluster.Resume();
            mesh.Run();
            Assert.Empty(mesh.Unknown);

            // Known once, it stays known.
            mesh.Cluster.Forbid(static target => target.Kind.Kind == "ConfigMap");
            mesh.Run();
            Assert.Empty(mesh.Unknown);
        }
    }

    [Theory]
    [InlineData("PeerAuthentication", true)]
    [InlineData("AuthorizationPolicy", true)]
    [InlineData("PeerAuthentication AuthorizationPolicy", false)]
    public void It_decides_on_nothing_where_there_are_no_policies_at_all(string notInstalled, bool isUnknown)
    {
        var mesh = Follow(static _ => { }, Demand("automatic"), cluster =>
        {
            cluster.Uninstall(notInstalled.Split(' '));
            cluster.Forbid(static target => target.Kind.Kind == "ConfigMap");
        });
        Assert.True(mesh.Synced);
        Assert.Equal(isUnknown, mesh.Unknown.Any(static scope => scope.Kind == "ConfigMap"));
    }

    [Fact]
    public void A_kind_that_is_not_installed_is_an_empty_set()
    {
        var mesh = Follow(static _ => { }, Demand("automatic"), static cluster =>
        {
            cluster.Uninstall("AuthorizationPolicy");
            cluster.Uninstall("RequestAuthentication");
        });
        Assert.True(mesh.Synced);
        Assert.Empty(mesh.Unknown);
    }

    [Fact]
    public void The_beginning_waits_for_those_that_say_who_may_call_and_not_for_tokens()
    {
        var mesh = Follow(static _ => { }, Demand("automatic"), static cluster => cluster.Hold("RequestAuthentication"));
        Assert.False(mesh.Synced);
        mesh.Advance(TimeSpan.FromSeconds(11));
        Assert.True(mesh.Synced);

        mesh = Follow(static _ => { }, Demand("automatic"), static cluster => cluster.Hold("AuthorizationPolicy"));
        mesh.Advance(TimeSpan.FromMinutes(5));
        Assert.False(mesh.Synced);
    }

    [Fact]
    public void The_last_known_ones_stay_when_they_may_not_be_read_any_more()
    {
        var mesh = Follow(static _ => { }, Demand("automatic"));
        mesh.Cluster.Forbid(static target => target.Kind.Group == "security.istio.io");
        mesh.Run();
        Assert.Empty(mesh.Unknown);
        Assert.Contains("AuthorizationPolicy shop/a", mesh.InMesh);
        Assert.Contains(mesh.Problems, static problem => problem is { Code: "Forbidden", Severity: DiagnosticSeverity.Warning } && problem.Subject.StartsWith(Authorizations, StringComparison.Ordinal));
    }

    [Fact]
    public void A_snapshot_on_disk_keeps_them_with_what_says_whether_they_count()
    {
        using var directory = new Snapshots.TemporaryDirectory();
        Directory.CreateDirectory(directory.Path);
        Snapshots.TemporaryDirectory.SetMode(directory.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var file = new SnapshotFile(directory.Path);
        var tried = Authorization("shop");
        tried = tried with { Metadata = tried.Metadata with { Annotations = new() { ["istio.io/dry-run"] = "true" } } };
        var mesh = Follow(static _ => { }, Demand("automatic"), cluster => cluster.Put(tried));
        file.Write(mesh.Follower.Capture("server")!);

        var restored = new Following(arrange: static cluster => cluster.Hold(static _ => true), caller: Me, peers: Demand("automatic"));
        Assert.True(restored.Follower.Restore(file.Read()!));
        restored.Run();
        Assert.True(restored.Synced);
        Assert.Empty(restored.Unknown);
        var policy = Assert.IsType<AuthorizationPolicy>(restored.Mesh["AuthorizationPolicy shop/a"]);
        Assert.Equal("""{"action":"DENY"}""", policy.Spec!.Value.GetRawText());
        Assert.Equal("true", policy.Metadata.Annotations!["istio.io/dry-run"]);
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"a","namespace":"shop","labels":[]},"spec":{"action":"ALLOW"}}""", """{"action":"DENY","rules":[{}]}""")]
    [InlineData(
        """{"metadata":{"name":"a","namespace":"shop","labels":[]},"spec":{"selector":{"matchLabels":{"app":"a"}}}}""",
        """{"selector":{"matchLabels":{"app":"a"}},"action":"DENY","rules":[{}]}""")]
    public void In_place_of_one_that_cannot_be_read_nobody_may_call(string json, string expected)
    {
        var target = WatchedKinds.Find(Authorizations, null)!.Target;
        var decoded = new ObjectDecoder(target).Decode(System.Text.Encoding.UTF8.GetBytes(json));
        Assert.Null(decoded.Resource);
        Assert.NotEmpty(decoded.Problems);
        Assert.Equal(expected, Assert.IsType<AuthorizationPolicy>(decoded.StandIn).Spec!.Value.GetRawText());
        Assert.Equal(new ResourceKey("AuthorizationPolicy", "shop", "a"), decoded.StandIn!.Key);
    }

    [Fact]
    public void Of_what_is_noted_on_them_that_alone_is_kept_that_counts()
    {
        var target = WatchedKinds.Find(Authorizations, null)!.Target;
        const string Json = """{"metadata":{"name":"a","namespace":"shop","annotations":{"note":"long","istio.io/dry-run":"true"}},"spec":{"odd":[1,{"b":null}]}}""";
        var policy = Assert.IsType<AuthorizationPolicy>(new ObjectDecoder(target).Decode(System.Text.Encoding.UTF8.GetBytes(Json)).Resource);
        Assert.Equal([new("istio.io/dry-run", "true")], policy.Metadata.Annotations!);
        Assert.Equal("""{"odd":[1,{"b":null}]}""", policy.Spec!.Value.GetRawText());
    }

    private static void Scoped(MeshKubernetesOptions options, MeshKubernetesScope scope)
    {
        options.Scope = scope;
        options.Namespaces = scope == MeshKubernetesScope.Cluster ? [] : ["other"];
    }

    private static PeerDemand Demand(string peers) =>
        new(AreVerified: peers != "off", IsAutomatic: peers == "automatic", HasIdentity: true) { ServesInbound = true };

    private static string NamespacesOf(Following mesh, string resource) => string.Join(' ', mesh.Follower.Sets.All
        .Where(set => set.Target.Resource == resource)
        .Select(static set => set.Target.Namespace ?? "*"));

    private static Following Follow(Action<MeshKubernetesOptions> configure, PeerDemand demand, Action<FakeCluster>? arrange = null, CallerContext? caller = null) => new(
        configure,
        cluster =>
        {
            cluster.Put(
                Pod("me", new() { ["app"] = "a" }), Objects.Peers("STRICT"),
                Authorization("shop"), Authorization("istio-system"), Authorization("other"),
                new RequestAuthentication { Metadata = Authorization("shop").Metadata });
            arrange?.Invoke(cluster);
        },
        caller: caller ?? Me,
        peers: demand);
}
