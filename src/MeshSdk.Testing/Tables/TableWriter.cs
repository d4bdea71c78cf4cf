using System.Text.Json;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Tables;

/// <summary>What a row carries of its object.</summary>
internal enum IncludeObject
{
    Metadata,
    Object,
    None,
}

/// <summary>Writes objects the way <c>kubectl get</c> shows them: as a <c>meta.k8s.io/v1 Table</c>.</summary>
internal static class TableWriter
{
    private static readonly PrinterColumn Name = new("Name", "string", ".metadata.name", Format: "name");
    private static readonly PrinterColumn Age = new("Age", "date", ".metadata.creationTimestamp");

    /// <param name="withColumns">False in a watch after its first event.</param>
    /// <param name="listMetadata">The list's metadata (resourceVersion, continue, remainingItemCount).</param>
    /// <param name="now">From which ages are told.</param>
    public static void Write(
        Utf8JsonWriter writer,
        ResourceType type,
        IEnumerable<JsonObject> items,
        IncludeObject include,
        bool withColumns,
        JsonObject listMetadata,
        DateTimeOffset now)
    {
        var columns = Columns(type);
        var cells = columns.Select(column => BuiltInCells.Find(type, column) ?? new PathCell(column).Of).ToArray();
        writer.WriteStartObject();
        writer.WriteString("kind", "Table");
        writer.WriteString("apiVersion", "meta.k8s.io/v1");
        writer.WritePropertyName("metadata");
        listMetadata.WriteTo(writer);
        writer.WritePropertyName("columnDefinitions");
        if (withColumns)
        {
            Definitions(writer, columns);
        }
        else
        {
            writer.WriteNullValue();
        }

        writer.WriteStartArray("rows");
        foreach (var item in items)
        {
            writer.WriteStartObject();
            writer.WriteStartArray("cells");
            foreach (var cell in cells)
            {
                if (cell(item, now) is { } value)
                {
                    value.WriteTo(writer);
                }
                else
                {
                    writer.WriteNullValue();
                }
            }

            writer.WriteEndArray();
            Object(writer, item, include);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>An Event is told by what it says; its name, which the server made up, shows only where one asks for all.</summary>
    private static PrinterColumn[] Columns(ResourceType type) => type switch
    {
        { Kind: "Event", Group: "" } => [.. type.Columns, Name with { Priority = 1 }],
        { Columns.IsEmpty: true } => [Name, Age],
        _ => [Name, .. type.Columns],
    };

    private static void Definitions(Utf8JsonWriter writer, PrinterColumn[] columns)
    {
        writer.WriteStartArray();
        foreach (var column in columns)
        {
            writer.WriteStartObject();
            writer.WriteString("name", column.Name);

            // What is told as an age is a text by then.
            writer.WriteString("type", column.Type == "date" ? "string" : column.Type);
            writer.WriteString("format", column.Format);
            writer.WriteString("description", column.Description.Length > 0 ? column.Description : "As in " + column.JsonPath + " of the object.");
            writer.WriteNumber("priority", column.Priority);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Object(Utf8JsonWriter writer, JsonObject item, IncludeObject include)
    {
        writer.WritePropertyName("object");
        switch (include)
        {
            case IncludeObject.Object:
                item.WriteTo(writer);
                break;
            case IncludeObject.Metadata:
                writer.WriteStartObject();
                writer.WriteString("kind", "PartialObjectMetadata");
                writer.WriteString("apiVersion", "meta.k8s.io/v1");
                writer.WritePropertyName("metadata");
                (item["metadata"] as JsonObject ?? []).WriteTo(writer);
                writer.WriteEndObject();
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }
}
