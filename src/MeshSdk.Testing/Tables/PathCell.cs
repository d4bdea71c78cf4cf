using System.Globalization;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Tables;

/// <summary>The cell of a column that shows what a path leads to, as all columns of custom resources do. Where nothing is there it is empty.</summary>
internal sealed class PathCell(PrinterColumn column)
{
    private readonly JsonPath? _path = JsonPath.Parse(column.JsonPath);

    public JsonNode? Of(JsonObject item, DateTimeOffset now)
    {
        var values = _path?.Find(item) ?? [];
        return values.Count == 0 ? null : column.Type switch
        {
            "string" => string.Join(',', values.Select(Text)),
            "date" => PlainJson.String(values[0]) is { } time ? Ages.Of(time, now) : null,
            "integer" => PlainJson.Number(values[0]) is { } number ? (JsonNode)(long)number : null,
            "number" => PlainJson.Number(values[0]) is { } number ? (JsonNode)number : null,
            _ => values[0]?.DeepClone(),
        };
    }

    private static string Text(JsonNode? value) => PlainJson.String(value)
        ?? (PlainJson.Number(value) is { } number ? number.ToString(CultureInfo.InvariantCulture) : PlainJson.Text(value));
}
