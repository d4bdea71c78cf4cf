using System.Text.Json;

namespace MeshSdk.Compilation;

/// <summary>The fields of a session persistence as written, and the first thing that is wrong with them. Explicit nulls count as unset.</summary>
internal sealed class SessionFields(JsonElement source, string path)
{
    public (string Path, string Message)? Fault { get; private set; }

    public bool Has(string field) => Find(field) is not null;

    /// <param name="field">Two names where it stands in an object within, as <c>cookie.name</c>.</param>
    public string? Text(string field)
    {
        var value = Find(field);
        Require(value is null or { ValueKind: JsonValueKind.String }, field, "it must be a string");
        return value is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
    }

    public void Require(bool condition, string field, string problem)
    {
        if (!condition)
        {
            Fault ??= ($"{path}.{field}", problem);
        }
    }

    private JsonElement? Find(string field)
    {
        var value = source;
        var where = path;
        foreach (var name in field.Split('.'))
        {
            if (value.ValueKind != JsonValueKind.Object)
            {
                Fault ??= (where, "it must be an object");
                return null;
            }

            if (!value.TryGetProperty(name, out var inner) || inner.ValueKind == JsonValueKind.Null)
            {
                return null;
            }

            value = inner;
            where = $"{where}.{name}";
        }

        return value;
    }
}
