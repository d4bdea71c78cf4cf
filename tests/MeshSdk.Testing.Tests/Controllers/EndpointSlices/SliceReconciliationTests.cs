using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Controllers.EndpointSlices;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Controllers.EndpointSlices;

public sealed class SliceReconciliationTests
{
    private static readonly Dictionary<string, string> Zones = new() { ["n1"] = "zone-a" };

    [Fact]
    public void A_slice_says_all_that_clients_look_for()
    {
        var service = Manifest.Service("shop", "backend", """
            { "selector": { "app": "backend" }, "ipFamilies": ["IPv4"], "trafficDistribution": "PreferClose",
              "ports": [ { "name": "http", "port": 80, "targetPort": "web", "appProtocol": "kubernetes.io/h2c" }, { "name": "raw", "port": 9000 } ] }
            """);
        service["metadata"]!["uid"] = "s-uid";
        service["metadata"]!["labels"] = new JsonObject { ["team"] = "x" };
        var pod = Manifest.Pod("shop", "p1", "10.0.0.1", "backend", spec: """
            { "nodeName": "n1", "hostname": "h", "subdomain": "backend",
              "containers": [ { "ports": [ { "name": "web", "containerPort": 5678 } ] } ] }
            """);
        pod["metadata"]!["uid"] = "p-uid";

        var slice = Assert.Single(Plan(service, [pod]).Puts);

        Assert.Matches("^backend-[b-df-hj-np-tv-z24-9]{5}$", slice.Name());
        slice["metadata"]!.AsObject().Remove("name");
        Assert.True(
            JsonNode.DeepEquals(slice, JsonNode.Parse("""
                {
                  "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
                  "metadata": {
                    "namespace": "shop",
                    "labels": {
                      "team": "x", "kubernetes.io/service-name": "backend", "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"
                    },
                    "ownerReferences": [
                      { "apiVersion": "v1", "kind": "Service", "name": "backend", "uid": "s-uid", "controller": true, "blockOwnerDeletion": true }
                    ]
                  },
                  "addressType": "IPv4",
                  "endpoints": [ {
                    "addresses": ["10.0.0.1"], "conditions": { "ready": true, "serving": true, "terminating": false },
                    "targetRef": { "kind": "Pod", "namespace": "shop", "name": "p1", "uid": "p-uid" },
                    "hostname": "h", "nodeName": "n1", "zone": "zone-a", "hints": { "forZones": [ { "name": "zone-a" } ] }
                  } ],
                  "ports": [
                    { "name": "http", "protocol": "TCP", "port": 5678, "appProtocol": "kubernetes.io/h2c" },
                    { "name": "raw", "protocol": "TCP", "port": 9000 }
                  ]
                }
                """)),
            slice.ToJsonString());
    }

    [Theory]
    [InlineData(true, false, false, "true true false")]
    [InlineData(true, true, false, "false true true")]
    [InlineData(false, false, false, "false false false")]
    [InlineData(false, true, false, "false false true")]
    [InlineData(false, false, true, "true false false")]
    [InlineData(true, true, true, "true true true")]
    public void Conditions_are_ready_serving_terminating(bool ready, bool terminating, bool publishNotReady, string expected)
    {
        var service = Manifest.Service("shop", "backend", $$"""
            { "selector": { "app": "backend" }, "publishNotReadyAddresses": {{(publishNotReady ? "true" : "false")}} }
            """);
        var pod = Manifest.Pod("shop", "p1", "10.0.0.1", "backend", ready);
        if (terminating)
        {
            pod["metadata"]!["deletionTimestamp"] = "2030-01-01T00:00:00Z";
        }

        var conditions = Assert.Single(Plan(service, [pod]).Puts).ObjectsAt("endpoints").Single()["conditions"]!;

        Assert.Equal(expected, $"{conditions["ready"]} {conditions["serving"]} {conditions["terminating"]}");
    }

    [Fact]
    public void Pods_of_one_address_with_local_ports_each_have_a_slice_with_the_real_port()
    {
        var service = Manifest.Service("shop", "backend", """{ "selector": { "app": "backend" }, "ports": [ { "port": 80, "targetPort": 5678 } ] }""");
        JsonObject[] pods =
        [
            .. new[] { 41001, 41002 }.Select(port => Manifest.Pod(
                "shop", $"p{port}", "127.0.0.1", "backend", annotations: $$"""{ "meshsdk.dev/local-ports": "5678={{port}}, 80=1, junk, 0=5" }""")),
        ];

        var slices = Plan(service, pods).Puts;

        Assert.Equal(
            ["p41001 41001", "p41002 41002"],
            slices.Select(slice => $"{PodsIn(slice)} {PortOf(slice)}").Order());
    }

    [Fact]
    public void A_name_that_pods_give_to_different_ports_makes_a_slice_for_each_number()
    {
        var service = Manifest.Service("shop", "backend", """{ "selector": { "app": "backend" }, "ports": [ { "port": 80, "targetPort": "web" } ] }""");
        JsonObject[] pods =
        [
            .. new[] { 8080, 8081, 8080 }.Select((port, i) => Manifest.Pod("shop", $"p{i}", $"10.0.0.{i}", "backend", spec:
                $$"""{ "containers": [ { "ports": [ { "name": "web", "containerPort": {{port}} } ] } ] }""")),
        ];

        Assert.Equal(
            ["8080 p0 p2", "8081 p1"],
            Plan(service, pods).Puts.Select(slice => $"{PortOf(slice)} {PodsIn(slice)}").Order());
    }

    [Fact]
    public void Two_hundred_and_fifty_pods_make_three_slices_and_one_more_pod_is_one_write()
    {
        var service = Manifest.Service("shop", "backend", """{ "selector": { "app": "backend" }, "ports": [ { "port": 80 } ] }""");
        var pods = Enumerable.Range(0, 250).Select(i => Manifest.Pod("shop", $"p{i:000}", $"10.0.{i / 250}.{i % 250}", "backend")).ToList();
        var first = Plan(service, pods);
        Assert.Equal([100, 100, 50], first.Puts.Select(slice => slice.ObjectsAt("endpoints").Count()));

        pods.Add(Manifest.Pod("shop", "p250", "10.0.9.1", "backend"));
        var second = Plan(service, pods, [.. first.Puts]);

        Assert.Equal(51, Assert.Single(second.Puts).ObjectsAt("endpoints").Count());
        Assert.Empty(second.Deletes);
    }

    [Fact]
    public void New_endpoints_go_where_something_is_written_anyway()
    {
        var service = Manifest.Service("shop", "backend", """{ "selector": { "app": "backend" }, "ports": [ { "port": 80 } ] }""");
        var pods = Enumerable.Range(0, 150).Select(i => Manifest.Pod("shop", $"p{i:000}", $"10.0.0.{i}", "backend")).ToList();
        var stored = Plan(service, pods).Puts;
        pods.RemoveAt(0);
        stored = [Assert.Single(Plan(service, pods, stored).Puts), stored[1]];

        // Of the slices with 99 and 50 endpoints the fuller one would be filled, if the other did not have to be written.
        pods[^1] = Manifest.Pod("shop", "p149", "10.0.0.149", "backend", ready: false);
        pods.Add(Manifest.Pod("shop", "p999", "10.0.1.1", "backend"));

        var write = Assert.Single(Plan(service, pods, stored).Puts);
        Assert.Equal(stored[1].Name(), write.Name());
        Assert.Equal(51, write.ObjectsAt("endpoints").Count());
    }

    [Fact]
    public void A_headless_service_without_ports_has_endpoints_and_the_headless_label()
    {
        var service = Manifest.Service("shop", "backend", """{ "selector": { "app": "backend" }, "clusterIP": "None" }""");

        var slice = Assert.Single(Plan(service, [Manifest.Pod("shop", "p1", "10.0.0.1", "backend")]).Puts);

        Assert.Equal("", slice["metadata"]!["labels"]!["service.kubernetes.io/headless"]!.GetValue<string>());
        Assert.Single(slice.ObjectsAt("endpoints"));
        Assert.Empty(slice["ports"]!.AsArray());
    }

    [Fact]
    public void A_service_that_no_pod_belongs_to_has_one_empty_slice_which_the_first_pod_takes_over()
    {
        var service = Manifest.Service("shop", "backend", """{ "selector": { "app": "backend" }, "ports": [ { "port": 80 } ] }""");
        var empty = Assert.Single(Plan(service, []).Puts);
        Assert.Empty(empty["endpoints"]!.AsArray());

        var writes = Plan(service, [Manifest.Pod("shop", "p1", "10.0.0.1", "backend")], [empty]);

        Assert.Equal(empty.Name(), Assert.Single(writes.Puts).Name());
        Assert.Empty(writes.Deletes);
    }

    [Fact]
    public void A_pod_whose_port_changes_is_in_its_new_slice_before_it_leaves_the_old_one()
    {
        var service = Manifest.Service("shop", "backend", """{ "selector": { "app": "backend" }, "ports": [ { "port": 80, "targetPort": 5678 } ] }""");
        JsonObject Pod(string name, int port) => Manifest.Pod(
            "shop", name, "127.0.0.1", "backend", annotations: $$"""{ "meshsdk.dev/local-ports": "5678={{port}}" }""");
        var stored = Plan(service, [Pod("p1", 41001), Pod("p2", 41001), Pod("p3", 41002)]).Puts;

        foreach (var port in new[] { 41002, 41003 })
        {
            var writes = Plan(service, [Pod("p1", 41001), Pod("p2", port), Pod("p3", 41002)], stored);

            Assert.Equal(2, writes.Count);
            Assert.Contains(writes.Puts[0].ObjectsAt("endpoints"), endpoint => endpoint.TextAt("targetRef", "name") == "p2");
            Assert.Single(writes.Puts[1].ObjectsAt("endpoints"));
        }
    }

    [Theory]
    [InlineData("""{ "selector": { "app": "backend" }, "type": "ExternalName", "externalName": "example.com" }""")]
    [InlineData("""{ "ports": [ { "port": 80 } ] }""")]
    [InlineData("""{ "selector": {} }""")]
    public void Services_without_selector_and_external_names_are_left_to_their_users(string spec) =>
        Assert.Equal(0, Plan(Manifest.Service("shop", "backend", spec), [Manifest.Pod("shop", "p1", "10.0.0.1", "backend")]).Count);

    [Fact]
    public void Slices_of_others_stay_and_those_of_a_family_that_is_given_up_go()
    {
        var both = Manifest.Service("shop", "backend", """{ "selector": { "app": "backend" }, "ipFamilies": ["IPv4", "IPv6"] }""");
        var slices = Plan(both, []).Puts.ToList();
        Assert.Equal(["IPv4", "IPv6"], slices.Select(slice => slice.TextAt("addressType")));
        slices.Add(Manifest.Of("EndpointSlice", "shop", "by-hand", """
            { "addressType": "IPv6", "metadata": { "labels": { "kubernetes.io/service-name": "backend" } } }
            """));

        var writes = Plan(Manifest.Service("shop", "backend", """{ "selector": { "app": "backend" }, "ipFamilies": ["IPv4"] }"""), [], slices);

        Assert.Empty(writes.Puts);
        Assert.Equal([slices[1].Name()], writes.Deletes);
    }

    [Fact]
    public void What_a_user_has_changed_in_a_slice_is_mended()
    {
        var service = Manifest.Service("shop", "backend", """{ "selector": { "app": "backend" }, "ports": [ { "port": 80 } ] }""");
        var pod = Manifest.Pod("shop", "p1", "10.0.0.1", "backend");
        var slice = Assert.Single(Plan(service, [pod]).Puts);
        slice["metadata"]!["annotations"] = new JsonObject { ["note"] = "kept" };
        slice["endpoints"]![0]!["addresses"]!.AsArray().Add("10.0.0.9");

        var mended = Assert.Single(Plan(service, [pod], [slice]).Puts);

        Assert.Equal(["10.0.0.1"], mended.ObjectsAt("endpoints").Single().TextsAt("addresses"));
        Assert.Equal("kept", mended.TextAt("metadata", "annotations", "note"));
    }

    private static int? PortOf(JsonObject slice) => slice.ObjectsAt("ports").Single().NumberAt("port");

    private static string PodsIn(JsonObject slice) =>
        string.Join(' ', slice.ObjectsAt("endpoints").Select(endpoint => endpoint.TextAt("targetRef", "name")));

    private static SliceWrites Plan(JsonObject service, IEnumerable<JsonObject> pods, IEnumerable<JsonObject>? stored = null) =>
        SliceReconciliation.Plan(ServiceView.From(service), pods.Select(PodView.From), Zones, (stored ?? []).Select(SliceView.From));
}
