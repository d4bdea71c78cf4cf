using System.Text;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Schemas;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Schemas;

public sealed class ObjectSchemaTests
{
    private const string Route = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: canary, namespace: demo}
        spec:
          parentRefs: [{group: "", kind: Service, name: backend, port: 80}]
          rules:
          - backendRefs: [{name: v1, port: 80, weight: 90}, {name: v2, port: 80}]
        """;

    private const string Backend = """
        apiVersion: v1
        kind: Service
        metadata: {name: backend}
        spec:
          selector: {app: backend}
          ports: [{port: 80}]
        """;

    [Fact]
    public void A_route_gets_the_defaults_that_a_cluster_gives_it()
    {
        var rule = Known.Stored(Route)["spec"]!["rules"]![0]!;

        Assert.Equal("""[{"path":{"type":"PathPrefix","value":"/"}}]""", rule["matches"]!.ToJsonString());
        AssertJson("""{"name":"v2","port":80,"group":"","kind":"Service","weight":1}""", rule["backendRefs"]![1]);
        AssertJson("""{"name":"v1","port":80,"group":"","kind":"Service","weight":90}""", rule["backendRefs"]![0]);
    }

    [Fact]
    public void Defaults_inside_of_what_is_given_are_filled_in_too()
    {
        var route = Known.Yaml(Route);
        route["spec"]!["rules"]![0]!["matches"] = JsonNode.Parse("""[{"path":{"value":"/a"},"headers":[{"name":"x","value":"y"}]},{"method":"GET"}]""");
        ObjectSchema.Prepare(Known.Kind("HTTPRoute"), route, FieldValidation.Strict);

        AssertJson("""
            [{"path":{"value":"/a","type":"PathPrefix"},"headers":[{"name":"x","value":"y","type":"Exact"}]},
             {"method":"GET","path":{"type":"PathPrefix","value":"/"}}]
            """, route["spec"]!["rules"]![0]!["matches"]);
    }

    [Fact]
    public void To_prepare_what_is_prepared_changes_nothing()
    {
        foreach (var text in (string[])[Route, Backend])
        {
            var once = Known.Stored(text);
            var twice = once.DeepClone().AsObject();
            ObjectSchema.Prepare(Known.KindOf(twice), twice, FieldValidation.Strict);
            AssertJson(once.ToJsonString(), twice);
        }
    }

    [Fact]
    public void A_service_is_completed_as_a_cluster_does_it()
    {
        AssertJson("""
            {"selector":{"app":"backend"},"ports":[{"port":80,"protocol":"TCP","targetPort":80}],"type":"ClusterIP","sessionAffinity":"None",
             "internalTrafficPolicy":"Cluster","ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack"}
            """, Known.Stored(Backend)["spec"]);
    }

    [Fact]
    public void Fields_that_do_not_exist_are_dropped_named_or_refused()
    {
        var (ignored, warned, refused) = (WithTypo(), WithTypo(), WithTypo());
        var type = Known.Kind("HTTPRoute");

        Assert.Empty(ObjectSchema.Prepare(type, ignored, FieldValidation.Ignore));
        Assert.Equal(["unknown field \"spec.rules[0].backendRefs[0].wieght\"", "unknown field \"spec.hostname\""], ObjectSchema.Prepare(type, warned, FieldValidation.Warn));
        var error = Assert.Throws<ApiException>(() => ObjectSchema.Prepare(type, refused, FieldValidation.Strict));
        Assert.Equal(400, error.Code);
        Assert.Equal(
            "HTTPRoute in version \"v1\" cannot be handled as a HTTPRoute: strict decoding error: unknown field \"spec.rules[0].backendRefs[0].wieght\", "
            + "unknown field \"spec.hostname\"",
            error.Message);
        AssertJson(ignored.ToJsonString(), warned);
        Assert.Null(ignored["spec"]!["hostname"]);

        static JsonObject WithTypo()
        {
            var route = Known.Yaml(Route);
            route["spec"]!["hostname"] = "a";
            route["spec"]!["rules"]![0]!["backendRefs"]![0]!["wieght"] = 3;
            return route;
        }
    }

    [Fact]
    public void A_field_that_stands_there_twice_counts_once_and_is_told()
    {
        var service = ObjectReader.Read("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"ports":[{"port":1,"port":80}]}}"""u8, out var duplicates);

        var error = Assert.Throws<ApiException>(() => ObjectSchema.Prepare(Known.Kind("Service"), service, FieldValidation.Strict, duplicates));
        Assert.EndsWith("strict decoding error: duplicate field \"spec.ports[0].port\"", error.Message, StringComparison.Ordinal);
        Assert.Equal(80, service["spec"]!["ports"]![0]!["port"]!.GetValue<long>());
    }

    [Theory]
    [InlineData("spec.rules[0].backendRefs[0].port", "70000", "FieldValueInvalid", "Invalid value: 70000: spec.rules[0].backendRefs[0].port in body should be less than or equal to 65535")]
    [InlineData("spec.rules[0].backendRefs[0].port", "\"http\"", "FieldValueTypeInvalid", "Invalid value: \"string\": spec.rules[0].backendRefs[0].port in body must be of type integer: \"string\"")]
    [InlineData("spec.rules[0].backendRefs[0].name", null, "FieldValueRequired", "Required value")]
    [InlineData("spec.rules[0].matches", "[{\"path\":{\"type\":\"Prefix\"}}]", "FieldValueNotSupported", "Unsupported value: \"Prefix\": supported values: \"Exact\", \"PathPrefix\", \"RegularExpression\"")]
    [InlineData("spec.rules[0].timeouts", "{\"request\":\"10\"}", "FieldValueInvalid", "Invalid value: \"10\": spec.rules[0].timeouts.request in body should match '^([0-9]{1,5}(h|m|s|ms)){1,4}$'")]
    [InlineData("spec.rules", "[]", "FieldValueInvalid", "Invalid value: 0: spec.rules in body should have at least 1 items")]
    [InlineData("spec.rules[0].matches", "[{\"headers\":[{\"name\":\"a\",\"value\":\"1\"},{\"name\":\"a\",\"value\":\"2\"}]}]", "FieldValueDuplicate", "Duplicate value: {\"name\":\"a\"}")]
    public void A_wrong_value_is_refused_in_the_words_of_a_cluster(string path, string? value, string reason, string message)
    {
        var route = Known.Yaml(Route);
        Put(route, path, value is null ? null : JsonNode.Parse(value));

        var error = Assert.Throws<ApiException>(() => ObjectSchema.Prepare(Known.Kind("HTTPRoute"), route, FieldValidation.Strict));

        var cause = error.Details!["causes"]![0]!;
        Assert.Equal((422, "Invalid"), (error.Code, error.Reason));
        Assert.Equal((reason, message), (cause["reason"]!.ToString(), cause["message"]!.ToString()));
        Assert.StartsWith($"HTTPRoute.gateway.networking.k8s.io \"canary\" is invalid: {cause["field"]}: {message}", error.Message, StringComparison.Ordinal);
        Assert.Equal("HTTPRoute", error.Details["kind"]!.ToString());
    }

    [Theory]
    [InlineData("Service", "Backend")]
    [InlineData("Service", "1backend")]
    [InlineData("Service", "a.b")]
    [InlineData("HTTPRoute", "a_b")]
    [InlineData("Namespace", "a.b")]
    [InlineData("ClusterRole", "a/b")]
    public void Names_follow_the_rule_of_their_kind(string kind, string name)
    {
        var content = new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = new JsonObject { ["clusterIP"] = "None" } };
        var error = Assert.Throws<ApiException>(() => ObjectSchema.Prepare(Known.Kind(kind), content, FieldValidation.Ignore));
        Assert.Contains("metadata.name: Invalid value", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTPRoute", "a.b")]
    [InlineData("ClusterRole", "system:mesh-reader")]
    public void Names_that_are_right_pass(string kind, string name) =>
        ObjectSchema.Prepare(Known.Kind(kind), new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = new JsonObject() }, FieldValidation.Ignore);

    [Fact]
    public void A_body_of_the_wrong_types_cannot_be_decoded_as_a_built_in_kind()
    {
        var service = Known.Yaml(Backend);
        service["spec"]!["ports"]![0]!["port"] = "http";
        var error = Assert.Throws<ApiException>(() => ObjectSchema.Prepare(Known.Kind("Service"), service, FieldValidation.Ignore));
        Assert.Equal(400, error.Code);
    }

    [Fact]
    public void Nulls_stand_for_nothing_but_keep_a_labels_key()
    {
        var service = Known.Yaml(Backend);
        service["metadata"]!["labels"] = new JsonObject { ["a"] = null };
        service["metadata"]!["creationTimestamp"] = null;
        service["status"] = null;
        service["spec"]!["type"] = null;
        ObjectSchema.Prepare(Known.Kind("Service"), service, FieldValidation.Strict);

        Assert.Equal("ClusterIP", service["spec"]!["type"]!.ToString());
        AssertJson("""{"name":"backend","labels":{"a":""}}""", service["metadata"]);
        AssertJson("""{"loadBalancer":{}}""", service["status"]);
    }

    [Fact]
    public void Secrets_move_plain_texts_to_data()
    {
        var secret = Known.Stored("""
            apiVersion: v1
            kind: Secret
            metadata: {name: a}
            stringData: {user: me}
            """);
        AssertJson("""{"user":"bWU="}""", secret["data"]);
        Assert.Equal("Opaque", secret["type"]!.ToString());
        Assert.Null(secret["stringData"]);
    }

    [Fact]
    public void One_choice_of_several_is_held_to()
    {
        var rule = Known.Yaml("""
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: a}
            spec: {host: a, trafficPolicy: {loadBalancer: {simple: RANDOM, consistentHash: {useSourceIp: true}}}}
            """);
        var error = Assert.Throws<ApiException>(() => ObjectSchema.Prepare(Known.KindOf(rule), rule, FieldValidation.Strict));
        Assert.Contains("must validate one and only one schema (oneOf)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Broken_JSON_is_a_bad_request()
    {
        foreach (var text in (string[])["", "{", "[]", "{} {}", "null", "{\"a\":1,}", "\u00ff"])
        {
            Assert.Equal(400, Assert.Throws<ApiException>(() => ObjectReader.Read(Encoding.Latin1.GetBytes(text), out _)).Code);
        }
    }

    private static void Put(JsonObject root, string path, JsonNode? value)
    {
        JsonNode node = root;
        var steps = path.Replace("[", ".[", StringComparison.Ordinal).Split('.');
        foreach (var step in steps[..^1])
        {
            node = step[0] == '[' ? node[int.Parse(step[1..^1], null)]! : node[step]!;
        }

        if (value is null)
        {
            node.AsObject().Remove(steps[^1]);
        }
        else
        {
            node[steps[^1]] = value;
        }
    }

    private static void AssertJson(string expected, JsonNode? actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"expected {expected}, found {actual?.ToJsonString()}");
}
