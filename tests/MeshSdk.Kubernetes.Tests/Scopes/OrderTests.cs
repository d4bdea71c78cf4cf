using CsCheck;
using MeshSdk.Kubernetes.Scopes;
using MeshSdk.Resources;
using static MeshSdk.Kubernetes.Tests.Scopes.Objects;

namespace MeshSdk.Kubernetes.Tests.Scopes;

public sealed class OrderTests
{
    private static readonly TimeSpan FirstCallTimeout = TimeSpan.FromSeconds(2);

    [Fact]
    public void A_route_waits_for_the_services_that_it_leads_to_and_its_last_version_serves_meanwhile()
    {
        var mesh = Serving("backend", "v1");
        mesh.Cluster.Hold("EndpointSlice", "v2");
        mesh.Cluster.Put(Service("v2"), Slice("v2"), Route("root", "backend", ["v1", "v2"], version: 2));
        mesh.Run();
        Assert.Equal("1", VersionInMesh(mesh, "HTTPRoute shop/root"));

        mesh.Cluster.Resume();
        mesh.Run();
        Assert.Equal("2", VersionInMesh(mesh, "HTTPRoute shop/root"));

        // In one change with what it needs.
        var change = Assert.Single(mesh.Events, static change => change.Upserts.Any(static r => r is HttpRoute { Metadata.ResourceVersion: "2" }));
        Assert.Contains(change.Upserts, static resource => resource.Key == new ResourceKey("Service", "shop", "v2"));
        Assert.Empty(mesh.Unknown);
    }

    [Fact]
    public void A_route_waits_no_longer_than_a_first_call_and_what_is_missing_is_then_told_as_unknown()
    {
        var mesh = Serving("backend", "v1");
        mesh.Cluster.Hold("Service", "v2");
        mesh.Cluster.Put(Route("root", "backend", ["v2"], version: 2));
        mesh.Run();
        mesh.Advance(FirstCallTimeout / 2);

        // A version that comes meanwhile takes its place, and starts no new wait.
        mesh.Cluster.Put(Route("root", "backend", ["v1", "v2"], version: 3));
        mesh.Run();
        mesh.Advance(FirstCallTimeout / 2.2);
        Assert.Equal("1", VersionInMesh(mesh, "HTTPRoute shop/root"));

        mesh.Advance(FirstCallTimeout / 5);
        Assert.Equal("3", VersionInMesh(mesh, "HTTPRoute shop/root"));
        Assert.Equal(["v2"], mesh.Unknown.Where(static scope => scope.Kind == "Service").Select(static scope => scope.Name));
    }

    [Fact]
    public void A_service_that_was_given_up_stays_unknown_until_it_is_delivered()
    {
        var mesh = Serving("backend", "v1");
        mesh.Cluster.Hold("Service", "v2");
        mesh.Cluster.Put(Service("v2"), Slice("v2"), Route("root", "backend", ["v2"], version: 2));
        mesh.Run();
        mesh.Advance(FirstCallTimeout * 1.1);
        Assert.Equal("v2", Assert.Single(mesh.Unknown).Name);

        mesh.Cluster.Put(Route("deeper", "v2", ["v3"]));
        mesh.Cluster.Resume(except: static target => target.FieldSelector == "metadata.name=v3");
        mesh.Run();
        Assert.DoesNotContain("Service shop/v2", mesh.InMesh);
        Assert.Equal(("v2", "It has been read, and waits for what its routes lead to."), (mesh.Unknown[0].Name, Assert.Single(mesh.Unknown).Reason));

        mesh.Cluster.Resume();
        mesh.Run();
        Assert.Contains("Service shop/v2", mesh.InMesh);
        Assert.Empty(mesh.Unknown);
    }

    [Fact]
    public void A_version_that_leads_to_nothing_new_takes_the_place_of_one_that_waits_at_once()
    {
        var mesh = Serving("backend", "v1");
        mesh.Cluster.Hold("Service", "v2");
        mesh.Cluster.Put(Route("root", "backend", ["v2"], version: 2));
        mesh.Run();
        mesh.Cluster.Put(Route("root", "backend", ["v1"], version: 3));
        mesh.Run();
        Assert.Equal("3", VersionInMesh(mesh, "HTTPRoute shop/root"));
    }

    [Fact]
    public void A_route_that_leads_to_a_service_that_does_not_exist_waits_for_no_more_than_that_word()
    {
        var mesh = Serving("backend", "v1");
        mesh.Cluster.Put(Route("root", "backend", ["v1", "nobody"], version: 2));
        mesh.Run();
        Assert.Equal("2", VersionInMesh(mesh, "HTTPRoute shop/root"));
        Assert.Empty(mesh.Unknown);

        // It is watched, and comes when it is made.
        mesh.Cluster.Put(Service("nobody"), Slice("nobody"));
        mesh.Run();
        Assert.Contains("Service shop/nobody", mesh.InMesh);
    }

    [Fact]
    public void A_deleted_route_and_destination_rules_wait_for_nothing()
    {
        var mesh = Serving("backend", "v1");
        mesh.Cluster.Hold("Service", "v2");
        var waiting = Route("root", "backend", ["v2"], version: 2);
        mesh.Cluster.Put(waiting, Rule("v1", tls: "SIMPLE"));
        mesh.Run();
        Assert.Contains("DestinationRule shop/rule-v1", mesh.InMesh);

        mesh.Cluster.Delete(waiting);
        mesh.Run();
        Assert.DoesNotContain("HTTPRoute shop/root", mesh.InMesh);
    }

    [Fact]
    public void Services_that_lead_to_each_other_wait_for_each_other_and_not_for_ever()
    {
        var mesh = new Following(arrange: static cluster => cluster.Put(
            Service("a"), Service("b"), Slice("a"), Slice("b"), Route("there", "a", ["b"]), Route("back", "b", ["a", "b"])));
        mesh.Cluster.Hold("EndpointSlice", "b");
        mesh.Demand("a");
        Assert.DoesNotContain("Service shop/a", mesh.InMesh);
        mesh.Cluster.Resume();
        mesh.Run();
        Assert.Contains("Service shop/a", mesh.InMesh);
        Assert.Contains("Service shop/b", mesh.InMesh);
    }

    [Fact]
    public void A_slice_whose_endpoints_move_to_another_one_is_not_missing_in_between()
    {
        var mesh = Serving("backend", "v1");
        mesh.Cluster.Delete(Slice("v1"));
        mesh.Run();
        Assert.Contains("EndpointSlice shop/v1-1", mesh.InMesh);

        // Back in time: nothing happened.
        mesh.Cluster.Put(Slice("v1", version: 2));
        mesh.Run();
        mesh.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("2", VersionInMesh(mesh, "EndpointSlice shop/v1-1"));

        mesh.Cluster.Delete(Slice("v1"));
        mesh.Run();
        mesh.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Contains("EndpointSlice shop/v1-1", mesh.InMesh);
        mesh.Advance(TimeSpan.FromMilliseconds(60));
        Assert.DoesNotContain("EndpointSlice shop/v1-1", mesh.InMesh);
    }

    [Fact]
    public void The_slices_of_a_deleted_service_go_with_it()
    {
        var mesh = Serving("backend", "v1");
        mesh.Cluster.Delete(Service("v1"));
        mesh.Cluster.Delete(Slice("v1"));
        mesh.Run();
        Assert.DoesNotContain("EndpointSlice shop/v1-1", mesh.InMesh);
        Assert.DoesNotContain("Service shop/v1", mesh.InMesh);

        // And come back with it.
        mesh.Cluster.Put(Service("v1"), Slice("v1"));
        mesh.Run();
        Assert.Contains("EndpointSlice shop/v1-1", mesh.InMesh);
    }

    [Fact]
    public void A_slice_that_goes_from_one_service_to_another_survives_in_either_order()
    {
        var mesh = Serving("backend", "v1");
        var moved = Slice("v1") with { Metadata = Slice("v1").Metadata with { Labels = new() { [EndpointSlice.ServiceNameLabel] = "backend" } } };
        mesh.Cluster.Put(moved);
        mesh.Cluster.Delete(Slice("v1"));
        mesh.Run();
        mesh.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("backend", ((EndpointSlice)mesh.Mesh["EndpointSlice shop/v1-1"]).ServiceName);
    }

    /// <summary>
    /// Whatever happens in whatever order: no route that is in force leads to a service that exists and is not there, unless that is told as
    /// unknown; and when the server has said all, the mesh is what the server has.
    /// </summary>
    [Fact]
    public void Nothing_is_ever_missing_in_between()
    {
        string[] names = ["a", "b", "c", "d"];
        var name = Gen.OneOf([.. names.Select(Gen.Const)]);
        var step = Gen.Frequency(
            (4, Gen.Select(name, name.Array[0, 3], static (parent, backends) => new Step(
                $"route {parent} to {string.Join(',', backends)}",
                (mesh, world) => world.Put(mesh, Route($"route-{parent}", parent, backends, version: world.Next()))))),
            (2, name.Select(static service => new Step(
                $"make {service}",
                (mesh, world) =>
                {
                    world.Put(mesh, Service(service, version: world.Next()));
                    world.Put(mesh, Slice(service, version: world.Next()));
                }))),
            (1, name.Select(static service => new Step(
                $"delete {service}",
                (mesh, world) =>
                {
                    world.Delete(mesh, Service(service));
                    world.Delete(mesh, Slice(service));
                }))),
            (1, name.Select(static parent => new Step($"delete the route of {parent}", (mesh, world) => world.Delete(mesh, Route($"route-{parent}", parent, []))))),
            (3, name.Select(static service => new Step($"call {service}", (mesh, _) => mesh.Follower.Demand(service)))),
            (2, Gen.Select(Gen.Bool, name, static (isService, service) => new Step(
                $"hold {isService} {service}", (mesh, _) => mesh.Cluster.Hold(isService ? "Service" : "EndpointSlice", service)))),
            (1, Gen.Const(new Step("resume", static (mesh, _) => mesh.Cluster.Resume()))),
            (3, Gen.Const(new Step("run", static (mesh, _) => mesh.Run()))),
            (2, Gen.Int[1, 1_500].Select(static time => new Step($"{time} ms", (mesh, _) => mesh.Advance(TimeSpan.FromMilliseconds(time))))));

        step.Array[1, 40].Sample(
            steps =>
            {
                var world = new World();
                var mesh = new Following();
                mesh.Invariant = () => AssertNothingIsMissing(mesh, world);
                foreach (var next in steps)
                {
                    next.Run(mesh, world);
                }

                mesh.Cluster.Resume();
                mesh.Run();

                // Until nobody believes any longer that a name has no service, however often that was confirmed.
                mesh.Advance(HostAnswers.LongestMemory * 1.25);
                Array.ForEach(names, host => mesh.Follower.Demand(host));
                mesh.Run();
                mesh.Advance(TimeSpan.FromSeconds(3));
                Assert.Equal(world.Objects.Keys.Select(static key => key.ToString()).Order(StringComparer.Ordinal), mesh.InMesh);
                Assert.All(world.Objects, entry => Assert.Equal(entry.Value.Metadata.ResourceVersion, mesh.Mesh[entry.Key.ToString()].Metadata.ResourceVersion));
                Assert.Empty(mesh.Unknown);
            },
            iter: 1_000,
            print: static steps => string.Join("; ", steps.AsEnumerable()),
            threads: 1);
    }

    private static void AssertNothingIsMissing(Following mesh, World world)
    {
        foreach (var route in mesh.Mesh.Values.OfType<HttpRoute>().Where(route => mesh.Mesh.ContainsKey($"Service shop/{route.ServiceParents().First().Name}")))
        {
            foreach (var backend in route.ServiceBackends())
            {
                // A service that was made after the route came into force is watched, and nothing holds a route back that is in force.
                var isKnown = mesh.Mesh.ContainsKey($"Service shop/{backend.Name}")
                    || mesh.Unknown.Any(scope => scope.Kind == "Service" && scope.Name == backend.Name)
                    || !world.Objects.TryGetValue(new ResourceKey("Service", "shop", backend.Name), out var service)
                    || World.VersionOf(service) > World.VersionOf(route);
                Assert.True(isKnown, $"{route} leads to {backend}, which exists and is not there");
            }
        }
    }

    private static Following Serving(string root, string backend)
    {
        var mesh = new Following(arrange: cluster => cluster.Put(
            Service(root), Slice(root), Service(backend), Slice(backend), Route("root", root, [backend])));
        mesh.Demand(root);
        Assert.Contains($"Service shop/{backend}", mesh.InMesh);
        return mesh;
    }

    private static string? VersionInMesh(Following mesh, string key) => mesh.Mesh[key].Metadata.ResourceVersion;

    private sealed record Step(string Name, Action<Following, World> Run)
    {
        public override string ToString() => Name;
    }

    /// <summary>What the server has.</summary>
    private sealed class World
    {
        private int _version;

        public Dictionary<ResourceKey, Resource> Objects { get; } = [];

        public static int VersionOf(Resource resource) => int.Parse(resource.Metadata.ResourceVersion!, System.Globalization.CultureInfo.InvariantCulture);

        public int Next() => ++_version;

        public void Put(Following mesh, Resource resource)
        {
            Objects[resource.Key] = resource;
            mesh.Cluster.Put(resource);
        }

        public void Delete(Following mesh, Resource resource)
        {
            Objects.Remove(resource.Key);
            mesh.Cluster.Delete(resource);
        }
    }
}
