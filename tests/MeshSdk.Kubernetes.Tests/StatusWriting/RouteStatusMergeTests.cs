using System.Text.Json.Nodes;
using MeshSdk.Kubernetes.StatusWriting;

namespace MeshSdk.Kubernetes.Tests.StatusWriting;

public sealed class RouteStatusMergeTests
{
    private const string Controller = "mesh.example.com/status";

    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_entry_echoes_the_reference_and_has_every_condition()
    {
        var route = Route("""{ "group": "", "kind": "Service", "name": "web", "port": 80 }""");
        Assert.True(RouteStatusMerge.Apply(route, [Status(0, port: 80)], Controller, Noon));
        AssertJson(
            """
            { "parents": [ {
                "conditions": [ {
                    "lastTransitionTime": "2026-01-31T12:00:00Z", "message": "m", "observedGeneration": 7, "reason": "Accepted", "status": "True", "type": "Accepted" } ],
                "controllerName": "mesh.example.com/status",
                "parentRef": { "group": "", "kind": "Service", "name": "web", "port": 80 } } ] }
            """,
            route["status"]);
    }

    [Fact]
    public void What_is_there_already_is_not_written_again()
    {
        var route = Route("""{ "group": "", "kind": "Service", "name": "web" }""");
        Assert.True(RouteStatusMerge.Apply(route, [Status(0)], Controller, Noon));
        Assert.False(RouteStatusMerge.Apply(JsonNode.Parse(route.ToJsonString())!.AsObject(), [Status(0)], Controller, Noon.AddHours(1)));
    }

    [Fact]
    public void The_time_of_a_transition_changes_with_the_status_alone()
    {
        var route = Route("""{ "group": "", "kind": "Service", "name": "web" }""");
        RouteStatusMerge.Apply(route, [Status(0)], Controller, Noon);

        Assert.True(RouteStatusMerge.Apply(route, [Status(0, generation: 8)], Controller, Noon.AddHours(1)));
        Assert.Equal("2026-01-31T12:00:00Z", (string?)Condition(route)["lastTransitionTime"]);
        Assert.Equal(8, (long?)Condition(route)["observedGeneration"]);

        Assert.True(RouteStatusMerge.Apply(route, [Status(0, "False", "NoMatchingParent", 8)], Controller, Noon.AddHours(2)));
        Assert.Equal("2026-01-31T14:00:00Z", (string?)Condition(route)["lastTransitionTime"]);
    }

    [Fact]
    public void Entries_of_others_stay_as_and_where_they_are()
    {
        var route = Route("""{ "group": "", "kind": "Service", "name": "web" }""");
        route["status"] = JsonNode.Parse("""
            { "other": 1, "parents": [
                { "controllerName": "istio.io/gateway-controller", "parentRef": { "group": "", "kind": "Service", "name": "web" }, "conditions": [ { "type": "Accepted", "x": 1 } ] },
                { "controllerName": "mesh.example.com/status", "parentRef": { "group": "", "kind": "Service", "name": "gone" }, "conditions": [] },
                { "controllerName": "mesh.example.com/other", "parentRef": { "name": "gateway" }, "conditions": [] } ] }
            """);
        var others = new[] { 0, 2 }.Select(i => route["status"]!["parents"]![i]!.ToJsonString()).ToArray();
        Assert.True(RouteStatusMerge.Apply(route, [Status(0)], Controller, Noon));
        var parents = route["status"]!["parents"]!.AsArray();
        Assert.Equal([.. others, Controller], [parents[0]!.ToJsonString(), parents[1]!.ToJsonString(), (string?)parents[2]!["controllerName"]]);
        Assert.Equal(1, (int?)route["status"]!["other"]);

        route["spec"]!["parentRefs"] = new JsonArray();
        Assert.True(RouteStatusMerge.Apply(route, [], Controller, Noon));
        Assert.Equal(others, route["status"]!["parents"]!.AsArray().Select(static entry => entry!.ToJsonString()));
        Assert.False(RouteStatusMerge.Apply(route, [], Controller, Noon));
    }

    [Fact]
    public void Defaults_that_the_server_filled_in_make_no_other_parent()
    {
        var route = Route("""{ "group": "", "kind": "Service", "name": "web", "sectionName": "http" }""");
        RouteStatusMerge.Apply(route, [Status(0, section: "http")], Controller, Noon);
        route["status"]!["parents"]![0]!["parentRef"] = JsonNode.Parse("""{ "sectionName": "http", "name": "web", "kind": "Service", "group": "" }""");
        Assert.False(RouteStatusMerge.Apply(route, [Status(0, section: "http")], Controller, Noon.AddHours(1)));
        route["status"]!["parents"]![0]!["parentRef"]!["namespace"] = "shop";
        Assert.True(RouteStatusMerge.Apply(route, [Status(0, section: "http")], Controller, Noon.AddHours(1)));
        Assert.Single(route["status"]!["parents"]!.AsArray());
    }

    /// <summary>What is in force may be an earlier version of the route, in which another parent stood there.</summary>
    [Fact]
    public void A_condition_is_written_at_the_parent_that_it_is_of_wherever_that_stands_now()
    {
        var route = Route(
            """{ "group": "", "kind": "Service", "name": "new" }""",
            """{ "group": "", "kind": "Service", "name": "web", "port": 81 }""",
            """{ "group": "", "kind": "Service", "name": "web", "port": 80 }""",
            """{ "kind": "Service", "group": "core", "name": "db", "namespace": "data" }""");
        Assert.True(RouteStatusMerge.Apply(
            route, [Status(0, port: 80), Status(1, "False", "NoMatchingParent", parent: "data/db"), Status(2, parent: "shop/gone")], Controller, Noon));
        Assert.Equal(
            ["web 80 True", "db  False"],
            route["status"]!["parents"]!.AsArray().Select(static entry =>
                $"{entry!["parentRef"]!["name"]} {entry["parentRef"]!["port"]} {entry["conditions"]![0]!["status"]}"));
    }

    /// <summary>Right after its start, or where it may not read routes, the mesh has nothing to say of what is there.</summary>
    [Fact]
    public void What_the_mesh_has_not_heard_of_keeps_its_entry_and_what_is_referred_to_no_more_loses_it()
    {
        var route = Route("""{ "group": "", "kind": "Service", "name": "web" }""", """{ "name": "gateway" }""");
        RouteStatusMerge.Apply(route, [Status(0)], Controller, Noon);
        var entry = route["status"]!["parents"]![0]!.DeepClone();
        var parents = route["status"]!["parents"]!.AsArray();
        foreach (var gone in new[] { """{ "name": "gateway" }""", """{ "group": "", "kind": "Service", "name": "gone" }""" })
        {
            parents.Add(new JsonObject { ["controllerName"] = Controller, ["parentRef"] = JsonNode.Parse(gone), ["conditions"] = new JsonArray() });
        }

        Assert.True(RouteStatusMerge.Apply(route, [], Controller, Noon));
        Assert.True(JsonNode.DeepEquals(new JsonArray(entry), route["status"]!["parents"]), route["status"]!.ToJsonString());
        Assert.False(RouteStatusMerge.Apply(route, [], Controller, Noon.AddHours(1)));
    }

    [Fact]
    public void No_more_than_the_API_has_room_for()
    {
        var references = Enumerable.Range(0, 20).Select(static i => $$"""{ "group": "", "kind": "Service", "name": "s{{i}}" }""").ToArray();
        var route = Route(references);
        route["status"] = new JsonObject
        {
            ["parents"] = new JsonArray([.. Enumerable.Range(0, 20).Select(static i => (JsonNode)new JsonObject { ["controllerName"] = "a.example/b", ["i"] = i })]),
        };
        Assert.True(RouteStatusMerge.Apply(route, [.. Enumerable.Range(0, 20).Select(static i => Status(i, parent: $"shop/s{i}"))], Controller, Noon));
        Assert.Equal(32, route["status"]!["parents"]!.AsArray().Count);
        Assert.False(RouteStatusMerge.Apply(route, [.. Enumerable.Range(0, 20).Select(static i => Status(i, parent: $"shop/s{i}"))], Controller, Noon));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "spec": 1, "status": 2 }""")]
    [InlineData("""{ "spec": { "parentRefs": [1] }, "status": { "parents": [1, null, { "controllerName": "mesh.example.com/status", "parentRef": 3, "conditions": 4 }] } }""")]
    public void Strange_objects_do_no_harm(string json) =>
        RouteStatusMerge.Apply(JsonNode.Parse(json)!.AsObject(), [Status(0), Status(5)], Controller, Noon);

    private static JsonObject Route(params string[] references) =>
        JsonNode.Parse($$"""{ "metadata": { "namespace": "shop", "name": "r" }, "spec": { "parentRefs": [ {{string.Join(", ", references)}} ] } }""")!.AsObject();

    private static MeshRouteStatus Status(
        int position, string status = "True", string reason = "Accepted", long generation = 7, string parent = "shop/web", string? section = null, int? port = null) =>
        new("HTTPRoute", "shop", "r", position, parent, [new("Accepted", status, reason, "m", generation)]) { SectionName = section, Port = port };

    private static JsonObject Condition(JsonObject route) => route["status"]!["parents"]![0]!["conditions"]![0]!.AsObject();

    private static void AssertJson(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual?.ToJsonString());
}
