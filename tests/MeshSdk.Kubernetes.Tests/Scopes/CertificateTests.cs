using MeshSdk.Kubernetes.Scopes;
using MeshSdk.Kubernetes.Tests.Snapshots;
using MeshSdk.Model;
using MeshSdk.Sources;
using Microsoft.Extensions.Logging.Abstractions;
using static MeshSdk.Kubernetes.Tests.Scopes.Objects;

namespace MeshSdk.Kubernetes.Tests.Scopes;

/// <summary>Secrets and ConfigMaps: those that policies for followed services name, each alone.</summary>
public sealed class CertificateTests
{
    private const string OwnSecret = "secrets in namespace shop (metadata.name=creds)";
    private const string Authority = "secrets in namespace shop (metadata.name=creds-cacert)";

    [Fact]
    public void A_secret_is_read_while_a_rule_for_a_followed_service_names_it()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(
            Service("backend"), Slice("backend"), CredentialRule("backend", "creds"), Secret("creds"), Secret("stranger"), CredentialRule("unused", "others"), Secret("others")));
        Assert.True(mesh.Synced);
        Assert.Empty(Certificates(mesh));

        mesh.Demand("backend");
        Assert.Equal([OwnSecret, Authority], Certificates(mesh));
        Assert.Equal(["Secret shop/creds"], mesh.InMesh.Where(static key => key.StartsWith("Secret", StringComparison.Ordinal)));
        Assert.Contains("Service shop/backend", mesh.InMesh);

        mesh.Cluster.Delete(CredentialRule("backend", "creds"));
        mesh.Run();
        Assert.Empty(Certificates(mesh));
        Assert.DoesNotContain("Secret shop/creds", mesh.InMesh);
    }

    /// <summary>One look at each rule for each service is a million, at hundreds of bytes each.</summary>
    [Fact]
    public void What_many_rules_name_for_many_services_is_looked_up_by_host()
    {
        const int Services = 2_000, Rules = 500;
        var demand = new CertificateDemand(new CallerContext { Namespace = "shop" });
        for (var i = 0; i < Rules; i++)
        {
            var rule = CredentialRule($"s{i}", $"c{i}");
            rule = rule with { Metadata = rule.Metadata with { Name = $"r{i}" } };
            demand.Set(rule.Key, rule);
        }

        HashSet<ServiceId> services = [.. Enumerable.Range(1, Services).Select(static i => new ServiceId("shop", $"s{i}"))];
        var before = GC.GetAllocatedBytesForCurrentThread();
        var wanted = demand.For(services);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Services * 10_000L);
        Assert.Equal(2 * (Rules - 1), wanted.Count);
    }

    [Fact]
    public void It_goes_with_the_service()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(Service("backend"), Slice("backend"), CredentialRule("backend", "creds"), Secret("creds")));
        mesh.Demand("backend");
        Assert.Equal([OwnSecret, Authority], Certificates(mesh));
        mesh.Advance(TimeSpan.FromMinutes(12));
        Assert.Empty(Certificates(mesh));
        Assert.DoesNotContain("Secret shop/creds", mesh.InMesh);
    }

    [Theory]
    [InlineData("shop", "shop", true)]
    [InlineData("other", "shop", true)]
    [InlineData("istio-system", "shop", true)]
    [InlineData("elsewhere", "shop", false)]
    public void Rules_count_where_they_are_looked_for_and_the_credentials_are_the_callers(string ruleNamespace, string secretNamespace, bool expected)
    {
        var mesh = new Following(
            static options => options.Namespaces = ["other", "elsewhere"],
            cluster => cluster.Put(
                Service("backend", "other"), Slice("backend", "other"), CredentialRule("backend.other.svc.cluster.local", "creds", ruleNamespace), Secret("creds", secretNamespace), Secret("creds", "other")));
        mesh.Demand("backend.other");
        Assert.Equal(expected ? [OwnSecret, Authority] : [], Certificates(mesh));
        Assert.Equal(expected, mesh.Mesh.ContainsKey("Secret shop/creds"));
        Assert.DoesNotContain("Secret other/creds", mesh.InMesh);
    }

    [Fact]
    public void ConfigMaps_are_read_for_policies_and_the_one_of_the_mesh_is_not_taken_for_one()
    {
        var mesh = new Following(
            arrange: static cluster => cluster.Put(
                Service("backend"), Slice("backend"), CertificatePolicy("policy", "backend", "one", "two", "istio"), ConfigMap("one"), ConfigMap("two"), ConfigMap("three"),
                Service("other"), CredentialRule("other", "configmap://four"), ConfigMap("four")));
        mesh.Demand("backend");
        Assert.Equal(["configmaps in namespace shop (metadata.name=one)", "configmaps in namespace shop (metadata.name=two)"], Certificates(mesh));
        mesh.Demand("other");
        Assert.Contains("ConfigMap shop/four", mesh.InMesh);
    }

    [Fact]
    public void With_whole_namespaces_all_of_their_services_count()
    {
        var mesh = new Following(
            static options => options.Scope = MeshKubernetesScope.Namespaces,
            static cluster =>
            {
                cluster.Put(Service("backend"), CredentialRule("backend", "creds"), Secret("creds"), CredentialRule("nobody", "others"), Secret("others"));
                cluster.Hold("Secret");
            });
        Assert.False(mesh.Synced);
        mesh.Cluster.Resume();
        mesh.Run();
        Assert.True(mesh.Synced);
        Assert.Equal([OwnSecret, Authority], Certificates(mesh));
        Assert.Contains("Secret shop/creds", mesh.InMesh);
    }

    [Fact]
    public void Where_nobody_proves_anything_nothing_is_read()
    {
        var mesh = new Following(
            arrange: static cluster => cluster.Put(Service("backend"), Slice("backend"), CredentialRule("backend", "creds"), Secret("creds")),
            peers: PeerDemand.Default with { AreVerified = false });
        mesh.Demand("backend");
        Assert.Empty(Certificates(mesh));
    }

    [Fact]
    public void A_service_waits_for_them_and_no_longer_than_for_anything_else()
    {
        var mesh = new Following(arrange: static cluster =>
        {
            cluster.Put(Service("backend"), Slice("backend"), CredentialRule("backend", "creds"), Secret("creds"));
            cluster.Hold("Secret");
        });
        mesh.Demand("backend");
        Assert.DoesNotContain("Service shop/backend", mesh.InMesh);
        mesh.Advance(TimeSpan.FromSeconds(2.1));
        Assert.Contains("Service shop/backend", mesh.InMesh);
        Assert.Equal([("Secret", "shop", "creds"), ("Secret", "shop", "creds-cacert")], mesh.Unknown.Select(static scope => (scope.Kind, scope.Namespace!, scope.Name!)));

        mesh.Cluster.Resume();
        mesh.Run();
        Assert.Empty(mesh.Unknown);
        Assert.Contains("Secret shop/creds", mesh.InMesh);
    }

    [Fact]
    public void A_rule_that_names_another_one_comes_into_force_with_it()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(
            Service("backend"), Slice("backend"), CredentialRule("backend", "creds"), Secret("creds"), Secret("next")));
        mesh.Demand("backend");
        mesh.Cluster.Hold("Secret");
        mesh.Cluster.Put(CredentialRule("backend", "next", version: 2));
        mesh.Run();

        // What is in force has what it needs.
        Assert.Equal("1", mesh.Mesh["DestinationRule shop/rule-backend"].Metadata.ResourceVersion);
        Assert.Contains("Secret shop/creds", mesh.InMesh);
        var events = mesh.Events.Count;

        mesh.Cluster.Resume();
        mesh.Run();
        Assert.Equal("2", mesh.Mesh["DestinationRule shop/rule-backend"].Metadata.ResourceVersion);
        Assert.Contains("Secret shop/next", mesh.InMesh);
        Assert.DoesNotContain("Secret shop/creds", mesh.InMesh);
        Assert.Single(mesh.Events[events..], static change => change.Upserts.Any(static resource => resource.Kind == "DestinationRule"));
    }

    [Fact]
    public void A_rule_does_not_wait_for_ever()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(Service("backend"), Slice("backend")));
        mesh.Demand("backend");
        mesh.Cluster.Hold("Secret");
        mesh.Cluster.Put(CredentialRule("backend", "creds"));
        mesh.Run();
        Assert.DoesNotContain("DestinationRule shop/rule-backend", mesh.InMesh);
        mesh.Advance(TimeSpan.FromSeconds(2.1));
        Assert.Contains("DestinationRule shop/rule-backend", mesh.InMesh);
        Assert.Contains(mesh.Unknown, static scope => scope is { Kind: "Secret", Name: "creds" });
    }

    [Fact]
    public void A_grant_for_one_name_says_nothing_of_another()
    {
        var mesh = new Following(arrange: static cluster =>
        {
            cluster.Put(Service("a"), Service("b"), CredentialRule("a", "one"), CredentialRule("b", "two"), Secret("one"), Secret("two"));
            cluster.Forbid(static target => target.OnlyName is "one" or "one-cacert" or "two-cacert");
        });
        mesh.Demand("a");
        mesh.Demand("b");
        Assert.Contains("Secret shop/two", mesh.InMesh);
        Assert.Contains(mesh.Unknown, static scope => scope is { Kind: "Secret", Namespace: "shop", Name: "one", Reason: "no permission to list secrets" });
        Assert.DoesNotContain(mesh.Unknown, static scope => scope.Name == "two");
    }

    [Fact]
    public void A_new_version_is_told_and_the_last_one_stays_when_it_may_not_be_read_any_more()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(Service("backend"), Slice("backend"), CredentialRule("backend", "creds"), Secret("creds")));
        mesh.Demand("backend");
        mesh.Cluster.Put(Secret("creds", version: 2));
        mesh.Run();
        Assert.Equal("2", mesh.Mesh["Secret shop/creds"].Metadata.ResourceVersion);
        mesh.Cluster.Forbid(static target => target.Kind.Kind == "Secret");
        mesh.Run();
        Assert.Equal("2", mesh.Mesh["Secret shop/creds"].Metadata.ResourceVersion);
        Assert.Equal(
            [OwnSecret, Authority],
            mesh.Problems.Where(static problem => problem.Code == "Forbidden").Select(static problem => problem.Subject));
    }

    [Fact]
    public async Task Secrets_are_in_no_snapshot_on_disk_and_ConfigMaps_are()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(
            Service("backend"), Slice("backend"), CredentialRule("backend", "creds"), Secret("creds"), CertificatePolicy("policy", "backend", "authorities"), ConfigMap("authorities")));
        mesh.Demand("backend");
        var content = mesh.Follower.Capture("server-a")!;
        Assert.DoesNotContain(content.Sets, static set => set.Key.Resource == "secrets");

        using var directory = new TemporaryDirectory();
        var store = new MeshSdk.Kubernetes.Snapshots.SnapshotStore(directory.Path, TimeSpan.FromHours(24), mesh.Time, NullLogger.Instance);
        store.Prepare();
        store.Write(content);
        await store.FlushAsync();
        var text = await File.ReadAllTextAsync(directory.File, TestContext.Current.CancellationToken);
        Assert.DoesNotContain("private", text, StringComparison.Ordinal);
        Assert.Contains("authorities", text, StringComparison.Ordinal);

        var restored = store.Load("server-a", "shop")!;
        var next = new Following(arrange: static cluster => cluster.Hold(static _ => true));
        Assert.True(next.Follower.Restore(restored));
        next.Run();
        Assert.Contains("ConfigMap shop/authorities", next.InMesh);
        Assert.DoesNotContain("Secret shop/creds", next.InMesh);
        Assert.Contains(next.Unknown, static scope => scope is { Kind: "Secret", Namespace: "shop", Name: "creds" });
    }

    private static string[] Certificates(Following mesh) => [.. mesh.Cluster.Running.Where(static target =>
        target.StartsWith("secrets", StringComparison.Ordinal) || (target.StartsWith("configmaps", StringComparison.Ordinal) && !target.EndsWith("metadata.name=istio)", StringComparison.Ordinal)))];
}
