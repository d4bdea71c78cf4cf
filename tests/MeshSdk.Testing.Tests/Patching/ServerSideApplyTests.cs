using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Patching;
using MeshSdk.Testing.Schemas;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Patching;

public sealed class ServerSideApplyTests
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Later = Noon.AddMinutes(5);

    [Fact]
    public void Who_applies_manages_what_he_names_and_no_more()
    {
        var service = Apply(null, Service("""ports: [{port: 80, name: http}]"""), "flux");

        Assert.Equal(
            """{"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:name":{},"f:port":{}}}}}""",
            Text(Entry(service, "flux")["fieldsV1"]));
        Assert.Equal(("Apply", "2030-01-01T12:00:00Z", "v1"), Facts(Entry(service, "flux")));
    }

    [Fact]
    public void Rules_of_a_route_are_one_field_and_a_conflict_tells_so()
    {
        var route = Apply(null, Route(90), "flux");

        var error = Assert.Throws<ApiException>(() => Apply(route, Route(80), "kubectl"));
        Assert.Equal((409, "Conflict"), (error.Code, error.Reason));
        Assert.Equal("Apply failed with 1 conflict: conflict with \"flux\": .spec.rules", error.Message);
        Assert.Equal(
            """[{"reason":"FieldManagerConflict","message":"conflict with \u0022flux\u0022","field":".spec.rules"}]""",
            error.Details!["causes"]!.ToJsonString());
    }

    [Fact]
    public void A_conflict_in_a_list_names_the_item_by_its_keys()
    {
        var service = Apply(null, Service("ports: [{port: 80, name: http}]"), "one");
        var error = Assert.Throws<ApiException>(() => Apply(service, Service("ports: [{port: 80, name: web, appProtocol: http}]"), "two"));
        Assert.Equal(".spec.ports[port=80,protocol=\"TCP\"].name", error.Details!["causes"]!.AsArray().Single()!["field"]!.ToString());
    }

    [Fact]
    public void Force_takes_the_field_over()
    {
        var route = Apply(Apply(null, Route(90), "flux"), Route(80), "kubectl", force: true);

        Assert.Equal(80, route["spec"]!["rules"]![0]!["backendRefs"]![0]!["weight"]!.GetValue<long>());
        Assert.Null(Entry(route, "flux")["fieldsV1"]!["f:spec"]!["f:rules"]);
        Assert.NotNull(Entry(route, "flux")["fieldsV1"]!["f:spec"]!["f:parentRefs"]);
        Assert.NotNull(Entry(route, "kubectl")["fieldsV1"]!["f:spec"]!["f:rules"]);
    }

    [Fact]
    public void Two_who_say_the_same_share_the_field_until_both_let_go()
    {
        var shared = Apply(Apply(null, Service("""externalName: a"""), "one"), Service("""externalName: a"""), "two");
        var released = Apply(shared, Service("""sessionAffinity: None"""), "one");
        var gone = Apply(released, Service("""sessionAffinity: None"""), "two");

        Assert.Equal("a", released["spec"]!["externalName"]!.ToString());
        Assert.Null(gone["spec"]!["externalName"]);
    }

    [Fact]
    public void What_is_no_longer_applied_goes_and_what_others_manage_stays()
    {
        var first = Apply(null, Service("""ports: [{port: 80, name: http}, {port: 81, name: other}]""", "{a: '1', b: '2'}"), "one");
        var both = Apply(first, Service("""ports: [{port: 82, name: third}]""", "{c: '3'}"), "two");
        var after = Apply(both, Service("""ports: [{port: 81, name: other}]""", "{b: '2'}"), "one");

        Assert.Equal("""[{"port":81,"name":"other","protocol":"TCP","targetPort":81},{"port":82,"name":"third","protocol":"TCP","targetPort":82}]""", Ordered(after));
        Assert.Equal("""{"b":"2","c":"3"}""", after["metadata"]!["labels"]!.ToJsonString());

        static string Ordered(JsonObject service) => new JsonArray([.. service["spec"]!["ports"]!.AsArray().OrderBy(port => (long)port!["port"]!).Select(port =>
            (JsonNode)new JsonObject { ["port"] = (long)port!["port"]!, ["name"] = port["name"]!.ToString(), ["protocol"] = "TCP", ["targetPort"] = (long)port["targetPort"]! })]).ToJsonString();
    }

    [Fact]
    public void To_apply_the_same_again_changes_nothing_not_even_a_time()
    {
        foreach (var configuration in (JsonObject[])[Route(90), Service("""ports: [{port: 80}]""")])
        {
            var once = Apply(null, configuration, "flux");
            var twice = Apply(once, configuration, "flux", now: Later);
            Assert.Equal(Text(once["metadata"]!["managedFields"]), Text(twice["metadata"]!["managedFields"]));
            Assert.True(JsonNode.DeepEquals(once, twice), twice.ToJsonString());
        }
    }

    [Fact]
    public void Another_value_takes_another_time()
    {
        var route = Apply(Apply(null, Route(90), "flux"), Route(80), "flux", now: Later);
        Assert.Equal("2030-01-01T12:05:00Z", Facts(Entry(route, "flux")).Time);
    }

    [Fact]
    public void An_update_takes_fields_over_without_asking()
    {
        var before = Apply(null, Route(90), "flux");
        var after = before.DeepClone().AsObject();
        after["spec"]!["rules"]![0]!["backendRefs"]![0]!["weight"] = 50;
        ServerSideApply.Track(Known.Kind("HTTPRoute"), before, after, "kubectl-edit", "", Later);

        Assert.Equal("""{"f:spec":{"f:rules":{}}}""", Text(Entry(after, "kubectl-edit")["fieldsV1"]));
        Assert.Equal("Update", Facts(Entry(after, "kubectl-edit")).Operation);
        Assert.Null(Entry(after, "flux")["fieldsV1"]!["f:spec"]!["f:rules"]);
    }

    [Fact]
    public void An_update_that_changes_nothing_leaves_no_trace()
    {
        var before = Apply(null, Route(90), "flux");
        var after = before.DeepClone().AsObject();
        after["metadata"]!.AsObject().Remove("managedFields");
        ServerSideApply.Track(Known.Kind("HTTPRoute"), before, after, "kubectl-edit", "", Later);
        Assert.True(JsonNode.DeepEquals(before, after));
    }

    [Fact]
    public void Status_has_managers_of_its_own()
    {
        var before = Apply(null, Route(90), "flux");
        var after = before.DeepClone().AsObject();
        after["status"] = new JsonObject { ["parents"] = new JsonArray() };
        ServerSideApply.Track(Known.Kind("HTTPRoute"), before, after, "controller", "status", Later);

        Assert.Equal("status", Entry(after, "controller")["subresource"]!.ToString());
        Assert.Equal(["f:status"], Entry(after, "controller")["fieldsV1"]!.AsObject().Select(field => field.Key));
    }

    [Fact]
    public void An_empty_list_of_managers_forgets_them()
    {
        var before = Apply(null, Route(90), "flux");
        var after = before.DeepClone().AsObject();
        after["metadata"]!["managedFields"] = new JsonArray(new JsonObject());
        ServerSideApply.Track(Known.Kind("HTTPRoute"), before, after, "x", "", Later);
        Assert.Null(after["metadata"]!["managedFields"]);
    }

    [Fact]
    public void Kubectl_goes_over_from_client_side_to_server_side_apply()
    {
        // As kubectl does it: create with the annotation, apply server-side, annotation for itself, then the entry rewritten by a JSON patch.
        var type = Known.Kind("HTTPRoute");
        var created = Route(90);
        created["metadata"]!["annotations"] = new JsonObject { [LastApplied.Annotation] = Route(90).ToJsonString() };
        ObjectSchema.Prepare(type, created, FieldValidation.Strict);
        ServerSideApply.Track(type, null, created, "kubectl-client-side-apply", "", Noon);

        Assert.Throws<ApiException>(() => Apply(created, Route(70), "flux"));
        var applied = Apply(created, Route(70), "kubectl");
        Assert.Contains("\"weight\":70", applied["metadata"]!["annotations"]![LastApplied.Annotation]!.ToString(), StringComparison.Ordinal);

        var annotation = new JsonObject
        {
            ["apiVersion"] = type.ApiVersion,
            ["kind"] = type.Kind,
            ["metadata"] = new JsonObject { ["name"] = "canary", ["annotations"] = applied["metadata"]!["annotations"]!.DeepClone() },
        };
        var annotated = Apply(applied, annotation, "kubectl-last-applied");
        var entries = annotated["metadata"]!["managedFields"]!.DeepClone().AsArray();
        entries.RemoveAll(entry => entry!["manager"]!.ToString() == "kubectl-client-side-apply");
        var patch = new JsonArray(new JsonObject { ["op"] = "replace", ["path"] = "/metadata/managedFields", ["value"] = entries });
        var migrated = ObjectPatch.Apply(type, ObjectPatch.Json, annotated, Encoding.UTF8.GetBytes(patch.ToJsonString()));
        ServerSideApply.Track(type, annotated, migrated, "kubectl", "", Later);

        Assert.Equal(["kubectl", "kubectl-last-applied"], migrated["metadata"]!["managedFields"]!.AsArray().Select(entry => entry!["manager"]!.ToString()));
    }

    [Fact]
    public void Lists_by_key_take_no_twins_and_no_nameless()
    {
        Assert.Contains("duplicate entries", Assert.Throws<ApiException>(() => Apply(null, Service("""ports: [{port: 80}, {port: 80}]"""), "a")).Message, StringComparison.Ordinal);
        var nameless = Known.Yaml("""{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {template: {spec: {containers: [{image: x}]}}}}""");
        Assert.Contains(
            "omits key field \"name\"",
            Assert.Throws<ApiException>(() => ServerSideApply.Apply(Known.KindOf(nameless), null, nameless, "a", false, "", Noon)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Field_sets_are_sets()
    {
        var sets = Gen.Int[0, 40].Array[0, 12].Select(places =>
        {
            var set = new FieldSet();
            foreach (var place in places)
            {
                var at = set.At("f:" + (place % 3)).At("f:" + (place / 3 % 3));
                (place > 20 ? at.At("v:" + place) : at).IsMember = true;
            }

            return set;
        });
        Gen.Select(sets, sets).Sample((a, b) =>
        {
            string[] left = [.. a.Paths()], right = [.. b.Paths()];
            Assert.Equal(left.Union(right).Order(), a.Union(b).Paths().Order());
            Assert.Equal(left.Intersect(right).Order(), a.Intersect(b).Paths().Order());
            Assert.Equal(left.Except(right).Order(), a.Except(b).Paths().Order());
            Assert.True(FieldSet.FromJson(a.ToJson()).SetEquals(a));
            Assert.Equal(left.ToHashSet().SetEquals(right), a.SetEquals(b));
        });
    }

    [Fact]
    public void Whoever_applies_last_by_force_has_his_way_and_the_object_is_the_sum_of_what_is_managed()
    {
        // Labels, by several managers in any order: what the object has is what its managers, all told, applied last.
        var step = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 9].Array[0, 4]);
        step.Array[1, 8].Sample(steps =>
        {
            JsonObject? current = null;
            var wanted = new Dictionary<int, Dictionary<string, string>>();
            foreach (var (manager, picks) in steps)
            {
                var labels = picks.DistinctBy(pick => pick % 5).ToDictionary(pick => "l" + (pick % 5), pick => "v" + (pick / 5));
                var service = Service("type: ClusterIP");
                service["spec"]!["clusterIP"] = "None";
                service["metadata"]!["labels"] = new JsonObject(labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));
                current = Apply(current, service, "m" + manager, force: true);
                wanted[manager] = labels;
                foreach (var (other, its) in wanted.Where(entry => entry.Key != manager))
                {
                    foreach (var name in its.Keys.Where(name => labels.TryGetValue(name, out var value) && value != its[name]).ToArray())
                    {
                        its.Remove(name);
                    }
                }
            }

            var expected = wanted.Values.SelectMany(labels => labels).DistinctBy(label => label.Key).OrderBy(label => label.Key).Select(label => $"{label.Key}={label.Value}");
            var actual = (current!["metadata"]!["labels"] as JsonObject ?? []).OrderBy(label => label.Key).Select(label => $"{label.Key}={label.Value}");
            Assert.Equal(expected, actual);
        }, iter: 200);
    }

    private static JsonObject Apply(JsonObject? current, JsonObject configuration, string manager, bool force = false, DateTimeOffset? now = null)
    {
        var type = Known.KindOf(configuration);
        var merged = ServerSideApply.Apply(type, current, configuration, manager, force, "", now ?? Noon);
        if (type.Kind != "Service" || merged["spec"]!["ports"] is not null || merged["spec"]!["clusterIP"] is not null)
        {
            ObjectSchema.Prepare(type, merged, FieldValidation.Strict);
        }

        return merged;
    }

    private static JsonObject Service(string spec, string labels = "") => Known.Yaml($$"""
        apiVersion: v1
        kind: Service
        metadata: {name: a{{(labels.Length > 0 ? ", labels: " + labels : "")}}}
        spec: {{{spec}}}
        """);

    private static JsonObject Route(int weight) => Known.Yaml($$"""
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: canary}
        spec:
          parentRefs: [{group: "", kind: Service, name: backend}]
          rules:
          - backendRefs: [{name: v1, port: 80, weight: {{weight}}}, {name: v2, port: 80}]
        """);

    private static JsonObject Entry(JsonObject content, string manager) =>
        content["metadata"]!["managedFields"]!.AsArray().Single(entry => entry!["manager"]!.ToString() == manager)!.AsObject();

    private static (string Operation, string Time, string ApiVersion) Facts(JsonObject entry) =>
        (entry["operation"]!.ToString(), entry["time"]!.ToString(), entry["apiVersion"]!.ToString());

    private static string Text(JsonNode? value) => PlainJson.Text(value);
}
