using System.Text.Json.Nodes;
using MeshSdk.Testing.Schemas;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Schemas;

/// <summary>Against the real CRD files, where they are at hand.</summary>
public sealed class UpstreamDefinitionTests
{
    [Fact]
    public void Every_definition_can_be_stored_and_taken_over()
    {
        var registry = new ResourceRegistry();
        foreach (var definition in Known.UpstreamDefinitions())
        {
            ObjectSchema.Prepare(Known.Kind("CustomResourceDefinition"), definition, FieldValidation.Strict);
            registry.Add(definition);
        }

        Assert.True(registry.TryFind("gateway.networking.k8s.io", "v1", "httproutes", out var routes));
        Assert.Contains("hostnames", routes.Schema.Properties["spec"].Properties.Keys);
    }

    [Fact]
    public void What_the_server_knows_itself_has_the_fields_and_defaults_of_the_real_definition()
    {
        var registry = new ResourceRegistry();
        var differences = new List<string>();
        foreach (var definition in Known.UpstreamDefinitions())
        {
            foreach (var real in CustomDefinition.Read(definition, BuiltInKinds.Metadata))
            {
                if (registry.TryFind(real.Group, real.Version, real.Plural, out var own))
                {
                    Assert.Equal(real.ShortNames, own.ShortNames);
                    Assert.Equal(real.Categories, own.Categories);
                    Assert.Equal(real.HasStatus, own.HasStatus);
                    Assert.Equal(real.Singular, own.Singular);
                    Compare(real.Schema, own.Schema, $"{real.Kind}/{real.Version}", differences);
                    if (!own.Columns.IsEmpty)
                    {
                        Assert.Equal(real.Columns.Select(column => (column.Name, column.JsonPath, column.Type, column.Priority)),
                            own.Columns.Select(column => (column.Name, column.JsonPath, column.Type, column.Priority)));
                    }
                }
            }
        }

        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    /// <summary>The server takes the values of the experimental channel, too; none of the real ones may be refused.</summary>
    private static bool Missing(JsonNode? real, JsonNode? own) =>
        own is JsonArray values && real is JsonArray wanted && wanted.Any(value => !values.Any(other => JsonNode.DeepEquals(other, value)));

    /// <summary>Not to say so is to say atomic.</summary>
    private static string ListType(SchemaNode schema) => schema.ListType == "atomic" ? "" : schema.ListType;

    private static void Compare(SchemaNode real, SchemaNode own, string path, List<string> differences)
    {
        // What is not looked into is open on purpose.
        if (own.PreserveUnknownFields && own.Properties.IsEmpty)
        {
            return;
        }

        if (real.Type != own.Type || ListType(real) != ListType(own) || real.IntOrString != own.IntOrString || !JsonNode.DeepEquals(real.Default, own.Default)
            || !real.Required.Order().SequenceEqual(own.Required.Order()) || real.Nullable != own.Nullable
            || Missing(real.Facets?["enum"], own.Facets?["enum"]) || !JsonNode.DeepEquals(real.Facets?["maxItems"], own.Facets?["maxItems"])
            || !JsonNode.DeepEquals(real.Facets?["minimum"], own.Facets?["minimum"]) || !JsonNode.DeepEquals(real.Facets?["maxLength"], own.Facets?["maxLength"]))
        {
            differences.Add(path);
        }

        foreach (var (name, field) in real.Properties)
        {
            if (own.Field(name) is not { } mine)
            {
                differences.Add($"{path}.{name} is missing");
            }
            else
            {
                Compare(field, mine, $"{path}.{name}", differences);
            }
        }

        if (real.Items is { } item && own.Items is { } ownItem)
        {
            Compare(item, ownItem, path + "[]", differences);
        }

        if (real.AdditionalProperties is { } value && own.AdditionalProperties is { } ownValue)
        {
            Compare(value, ownValue, path + "{}", differences);
        }
    }
}
