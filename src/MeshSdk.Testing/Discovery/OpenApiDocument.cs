using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Discovery;

/// <summary>Describes the kinds of one group version: their schemas, and as much of their paths as kubectl looks for.</summary>
internal static class OpenApiDocument
{
    private const string ObjectMeta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

    public static JsonObject Of(IEnumerable<ResourceType> types)
    {
        var paths = new JsonObject();
        var schemas = new JsonObject { [ObjectMeta] = SchemaJson.Write(BuiltInKinds.Metadata) };
        foreach (var type in types)
        {
            var kind = new JsonObject { ["group"] = type.Group, ["version"] = type.Version, ["kind"] = type.Kind };
            var collection = (type.Group.Length == 0 ? $"/api/{type.Version}/" : $"/apis/{type.ApiVersion}/")
                + (type.IsNamespaced ? "namespaces/{namespace}/" : "") + type.Plural;
            paths[collection] = new JsonObject { ["get"] = Operation(kind, "list", []), ["post"] = Operation(kind, "post", Writing) };
            paths[collection + "/{name}"] = new JsonObject
            {
                ["get"] = Operation(kind, "get", []),
                ["put"] = Operation(kind, "put", Writing),
                ["patch"] = Operation(kind, "patch", [.. Writing, "force"]),
                ["delete"] = Operation(kind, "delete", ["dryRun"]),
            };
            schemas[NameOf(type)] = Schema(type, kind);
        }

        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = "v1" },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    /// <summary>From <c>fieldValidation</c> kubectl learns that the server finds unknown fields, and leaves it to the server.</summary>
    private static string[] Writing => ["dryRun", "fieldManager", "fieldValidation"];

    private static JsonObject Operation(JsonObject kind, string action, string[] parameters) => new()
    {
        ["parameters"] = new JsonArray([.. parameters.Select(name => (JsonNode)new JsonObject
        {
            ["name"] = name,
            ["in"] = "query",
            ["schema"] = new JsonObject { ["type"] = name == "force" ? "boolean" : "string", ["uniqueItems"] = true },
        })]),
        ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
        ["x-kubernetes-action"] = action,
        ["x-kubernetes-group-version-kind"] = kind.DeepClone(),
    };

    private static JsonObject Schema(ResourceType type, JsonObject kind)
    {
        var schema = SchemaJson.Write(type.Schema);
        schema["properties"]!["metadata"] = new JsonObject
        {
            ["description"] = "Name, labels and what else every object has.",
            ["default"] = new JsonObject(),
            ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = "#/components/schemas/" + ObjectMeta }),
        };
        schema["x-kubernetes-group-version-kind"] = new JsonArray(kind.DeepClone());
        return schema;
    }

    /// <summary>As in <c>io.k8s.networking.gateway.v1.HTTPRoute</c>.</summary>
    private static string NameOf(ResourceType type)
    {
        var group = type.Group.Length == 0 ? "core.api.k8s.io" : type.Group;
        return string.Join('.', group.Split('.').Reverse().Append(type.Version).Append(type.Kind));
    }
}
