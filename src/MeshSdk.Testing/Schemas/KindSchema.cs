namespace MeshSdk.Testing.Schemas;

/// <summary>Gives a kind's own schema the fields that every object has, which a CRD leaves to the server.</summary>
internal static class KindSchema
{
    private static readonly SchemaNode ApiVersion = new()
    {
        Type = "string",
        Description = "The group and version in which the object is written, as in apps/v1.",
    };

    private static readonly SchemaNode Kind = new() { Type = "string", Description = "What the object is, as in Service." };

    public static SchemaNode Of(SchemaNode schema, SchemaNode metadata) => schema with
    {
        Properties = schema.Properties.SetItem("apiVersion", ApiVersion).SetItem("kind", Kind).SetItem("metadata", metadata),
        Required = schema.Required.Remove("metadata"),
    };
}
