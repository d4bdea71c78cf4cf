using CsCheck;
using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Tests.Compilation;

public sealed class IncrementalTests
{
    private static readonly string[] Callers = ["ns", "other", "third", "istio-system"];

    private static readonly Gen<ResourceEvent> Event = Gen.Select(
        RandomRoutes.Any.Array[0, 3],
        RandomRoutes.Any.Array[0, 2],
        static (upserts, deletes) => new ResourceEvent { Upserts = [.. upserts], Deletes = [.. deletes.Select(static resource => resource.Key)] });

    [Fact]
    public void Compiling_what_changed_gives_the_same_as_compiling_everything() =>
        Check.Sample(
            Gen.Select(Event.Array[1, 25], Gen.Int[0, 3], Gen.Bool),
            (events, caller, grants) =>
            {
                var store = new ResourceStore();
                var options = new CompilerOptions { EnforcesGrants = grants, HasIdentity = grants };
                var compiler = Given.Compiler(options, Callers[caller]);
                var snapshot = compiler.Compile(store);
                foreach (var change in events)
                {
                    snapshot = compiler.Recompile(snapshot, store, store.Apply(change.Upserts, change.Deletes));
                    Assert.Equal(SnapshotWriter.Write(Given.Compiler(options, Callers[caller]).Compile(store)), SnapshotWriter.Write(snapshot));
                }
            },
            iter: 300);

    [Fact]
    public void What_peers_ask_for_is_the_same_by_changes_as_by_everything() =>
        Check.Sample(
            Gen.Select(RandomRoutes.OfPeers.Array[1, 30], Gen.Bool),
            static (resources, identity) =>
            {
                var store = new ResourceStore();
                var options = new CompilerOptions { HasIdentity = identity };
                var compiler = Given.Compiler(options);
                var snapshot = compiler.Compile(store);
                foreach (var resource in resources)
                {
                    snapshot = compiler.Recompile(snapshot, store, store.Apply([resource], []));
                    Assert.Equal(SnapshotWriter.Write(Given.Compiler(options).Compile(store)), SnapshotWriter.Write(snapshot));
                }
            },
            iter: 300);

    [Fact]
    public void Store_holds_the_same_whatever_the_order_of_arrival() =>
        Check.Sample(
            Gen.Select(RandomRoutes.Any.Array[1, 12], Gen.Int),
            (resources, seed) =>
            {
                var distinct = resources.DistinctBy(static resource => resource.Key).ToArray();
                var shuffled = distinct.ToArray();
                new Random(seed).Shuffle(shuffled);
                var oneByOne = new ResourceStore();
                foreach (var resource in shuffled)
                {
                    oneByOne.Apply([resource], []);
                }

                Assert.Equal(
                    SnapshotWriter.Write(Given.Compiler().Compile(Given.Store(distinct))), SnapshotWriter.Write(Given.Compiler().Compile(oneByOne)));
            },
            iter: 200);

    [Fact]
    public void Whatever_else_there_is_a_good_route_keeps_working() =>
        Check.Sample(
            RandomRoutes.Any.Array[0, 12],
            resources =>
            {
                var snapshot = Given.Snapshot([
                    .. resources,
                    Given.Service("good/front"),
                    Given.Service("good/back"),
                    Given.Route("good/route", "good/front", Given.Rule(Given.Backend("good/back", 7)))]);
                var frontend = snapshot.Frontend("good/front");
                Assert.Equal(RouteScope.Producer, frontend.Scope);
                Assert.Equal(new BackendModel(new("good", "back", 80), 7), frontend.Routes.Rules[0].Backends.Backends[0]);
                Assert.DoesNotContain(snapshot.AllDiagnostics(), diagnostic => diagnostic.Code == "InternalFault");
            },
            iter: 300);

    [Fact]
    public void Unchanged_services_are_shared()
    {
        var store = Given.Store(Given.Service("a"), Given.Service("b"), Given.Route("r", "a", Given.Rule(Given.Backend("b", 1))));
        var compiler = Given.Compiler();
        var before = compiler.Compile(store);
        var after = compiler.Recompile(before, store, store.Apply([Given.Route("r", "a", Given.Rule(Given.Backend("b", 2)))], []));
        Assert.Same(before.Service("b"), after.Service("b"));
        Assert.NotSame(before.Service("a"), after.Service("a"));
        Assert.Same(before.Cluster("a"), after.Cluster("a"));
        Assert.Equal(before.Revision + 1, after.Revision);
    }

    public static TheoryData<string, object, object?, string> Changes => new()
    {
        { "a service touches itself and the parents of routes to it", Given.Service("b"), null, "ns/a ns/b" },
        { "a slice touches its service", Given.Slice("s", "c", 80), null, "ns/c" },
        { "a slice that changes hands touches both", Given.Slice("s", "c", 80), Given.Slice("s", "d", 80), "ns/c ns/d" },
        { "a service touches those that state its address", At("x", "10.0.0.1"), At("y", "10.0.0.1"), "ns/x ns/y" },
        { "a service touches those that stated its old address", At("x", "::1", "10.0.0.1"), At("other/e", "::1"), "ns/x other/e" },
        { "a route touches its parents, old and new", Given.Route("x", "c"), Given.Route("x", "d"), "ns/c ns/d" },
        { "a rule touches its host", Given.Policy("p", "c", "RANDOM"), null, "ns/c" },
        { "a rule touches its hosts, old and new", Given.Policy("p", "c.other.svc.cluster.local", "RANDOM"), Given.Policy("p", "d", "RANDOM"), "ns/d other/c" },
        { "a wildcard touches all it covers", Given.Policy("p", "*.ns.svc.cluster.local", "RANDOM"), null, "ns/a ns/c" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Apply_names_what_a_change_touches(string rule, object first, object? second, string expected)
    {
        Assert.NotEmpty(rule);
        var store = Given.Store(
            Given.Service("a"), Given.Service("c"), Given.Service("other/e"), Given.Route("r", "a", Given.Rule(Given.Backend("b"))));
        var dirty = new HashSet<ServiceId>(store.Apply([(Resource)first], []));
        if (second is not null)
        {
            dirty = [.. store.Apply([(Resource)second], [])];
        }

        Assert.Equal(expected, string.Join(' ', dirty.Select(id => id.ToString()).Order()));
    }

    private static Service At(string name, params string[] addresses)
    {
        var service = Given.Service(name);
        return service with { Spec = service.Spec with { ClusterIPs = [.. addresses] } };
    }

    [Fact]
    public void Resource_version_in_a_file_that_was_edited_means_nothing()
    {
        var route = Given.Route("r", "a", Given.Rule(Given.Backend("a", 1)));
        route = route with { Metadata = route.Metadata with { Uid = "u", ResourceVersion = "7" } };
        var store = Given.Store(Given.Service("a"), route);
        Assert.NotEmpty(store.Apply([route with { Spec = route.Spec with { Rules = [Given.Rule(Given.Backend("a", 2))] } }], []));
        Assert.Equal(2, Given.Compiler().Compile(store).Frontend("a").Routes.Rules[0].Backends.Backends[0].Weight);
    }

    [Fact]
    public void Object_that_moves_between_files_is_not_lost()
    {
        var service = Given.Service("a");
        var store = Given.Store(service);
        store.Apply([service], [service.Key]);
        Assert.NotNull(store.FindService(Given.Id("a")));
    }

    [Fact]
    public void Service_that_is_deleted_leaves_the_snapshot()
    {
        var store = Given.Store(Given.Service("a"), Given.Service("b"), Given.Route("r", "a", Given.Rule(Given.Backend("b"))));
        var compiler = Given.Compiler();
        var snapshot = compiler.Compile(store);
        snapshot = compiler.Recompile(snapshot, store, store.Apply([], [Given.Service("b").Key]));
        Assert.Equal(["ns/a"], snapshot.Services.Keys.Select(id => id.ToString()));
        Assert.Equal("BackendNotFound", snapshot.Frontend("a").Routes.Rules[0].Backends.Backends[0].Failure!.Reason);
    }

    [Fact]
    public void No_two_services_of_a_snapshot_have_the_same_host() =>
        Check.Sample(
            RandomRoutes.Any.Array[0, 20],
            static resources =>
            {
                var hosts = Given.Snapshot(resources).Services.Values.SelectMany(static service => service.Hosts).ToList();
                Assert.Equal(hosts.Distinct(), hosts);
            },
            iter: 200);

    [Fact]
    public void Store_of_another_cluster_domain_is_refused() =>
        Assert.Throws<ArgumentException>(() => Given.Compiler().Compile(new ResourceStore("elsewhere.local")));
}
