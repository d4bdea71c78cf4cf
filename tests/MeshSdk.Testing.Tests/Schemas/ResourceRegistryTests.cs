using System.Text.Json.Nodes;
using CsCheck;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Schemas;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Schemas;

public sealed class ResourceRegistryTests
{
    private const string Definition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: canaries.example.com}
        spec:
          group: example.com
          scope: Namespaced
          names: {plural: canaries, kind: Canary, shortNames: [cn], categories: [all]}
          versions:
          - name: v1alpha1
            served: true
            storage: false
            schema: {openAPIV3Schema: {type: object}}
          - name: v1
            served: true
            storage: true
            subresources: {status: {}}
            additionalPrinterColumns: [{name: Weight, type: integer, jsonPath: .spec.weight, priority: 1}]
            schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {weight: {type: integer, default: 1}}}}}}
          - name: v2
            served: false
            storage: false
            schema: {openAPIV3Schema: {type: object}}
        """;

    [Fact]
    public void A_definition_adds_its_served_versions_the_stable_one_first()
    {
        var registry = new ResourceRegistry();
        var revision = registry.Revision;
        registry.Add(Known.Stored(Definition));

        Assert.True(registry.Revision > revision);
        Assert.Equal(["v1", "v1alpha1"], registry.All.Where(type => type.Group == "example.com").Select(type => type.Version));
        Assert.True(registry.TryFind("example.com", "v1", "canaries", out var canary));
        Assert.Equal(("Canary", "canary", true, true), (canary.Kind, canary.Singular, canary.HasStatus, canary.IsCustom));
        Assert.Equal(new PrinterColumn("Weight", "integer", ".spec.weight", 1), Assert.Single(canary.Columns));
        Assert.False(registry.TryFind("example.com", "v2", "canaries", out _));
    }

    [Fact]
    public void A_definition_takes_the_place_of_what_the_server_knew()
    {
        var registry = new ResourceRegistry();
        var definition = Known.Yaml(Definition.Replace("canaries.example.com", "httproutes.gateway.networking.k8s.io", StringComparison.Ordinal)
            .Replace("group: example.com", "group: gateway.networking.k8s.io", StringComparison.Ordinal).Replace("plural: canaries", "plural: httproutes", StringComparison.Ordinal));
        registry.Add(definition);

        Assert.True(registry.TryFind("gateway.networking.k8s.io", "v1", "httproutes", out var route));
        Assert.Equal("Canary", route.Kind);
        Assert.False(registry.TryFind("gateway.networking.k8s.io", "v1beta1", "httproutes", out _));
    }

    [Fact]
    public void What_is_removed_is_gone_and_its_neighbours_are_not()
    {
        var registry = new ResourceRegistry();
        registry.Remove("httproutes.gateway.networking.k8s.io");
        registry.Remove("services");

        Assert.False(registry.TryFind("gateway.networking.k8s.io", "v1", "httproutes", out _));
        Assert.True(registry.TryFind("gateway.networking.k8s.io", "v1", "grpcroutes", out _));
        Assert.True(registry.TryFind("", "v1", "services", out _));
    }

    [Theory]
    [InlineData("name: canaries.example.com", "name: other.example.com", "metadata.name")]
    [InlineData("storage: true", "storage: false", "spec.versions")]
    [InlineData("name: v1alpha1", "name: v1", "spec.versions")]
    [InlineData("{type: object}", "{type: 7}", "spec")]
    public void A_definition_that_contradicts_itself_changes_nothing(string right, string wrong, string field)
    {
        var registry = new ResourceRegistry();
        var revision = registry.Revision;

        var error = Assert.Throws<ApiException>(() => registry.Add(Known.Yaml(Definition.Replace(right, wrong, StringComparison.Ordinal))));
        Assert.Equal(422, error.Code);
        Assert.Equal(field, error.Details!["causes"]![0]!["field"]!.ToString());
        Assert.Equal(revision, registry.Revision);
    }

    [Fact]
    public void Versions_order_as_clients_take_them()
    {
        string[] ordered = ["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "foo1", "foo10"];
        Gen.Shuffle(ordered).Sample(shuffled => Assert.Equal(ordered, shuffled.Order(VersionPriority.Instance)), iter: 200);
    }

    [Fact]
    public void Schemas_survive_being_written_and_read()
    {
        foreach (var type in BuiltInKinds.All)
        {
            var written = SchemaJson.Write(type.Schema);
            Assert.True(JsonNode.DeepEquals(written, SchemaJson.Write(SchemaJson.Read(written))), type.Kind);
        }
    }

    [Fact]
    public void Every_default_obeys_the_schema_it_stands_in()
    {
        foreach (var type in BuiltInKinds.All)
        {
            Check(type.Schema, type.Kind);
        }

        static void Check(SchemaNode schema, string path)
        {
            if (schema.Default is { } value)
            {
                var filled = value.DeepClone();
                Defaulting.Apply(schema, filled);
                var errors = new FieldErrors();
                new SchemaValidator(errors).Check(schema, filled, path);
                errors.ThrowInvalid(path, "default");
            }

            foreach (var (name, field) in schema.Properties)
            {
                Check(field, $"{path}.{name}");
            }

            if ((schema.Items ?? schema.AdditionalProperties) is { } inner)
            {
                Check(inner, path + "[]");
            }
        }
    }
}
