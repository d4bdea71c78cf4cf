using System.Globalization;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Patching;

/// <summary>Who manages a field: a name, the way it writes (Apply or Update), and through which subresource.</summary>
/// <param name="ApiVersion">In which it wrote last. An applier is one and the same in all versions, an updater is not.</param>
internal sealed record FieldManager(string Name, string Operation, string Subresource, string ApiVersion)
{
    public const string Apply = "Apply";
    public const string Update = "Update";

    public bool Equals(FieldManager? other) => other is not null && Name == other.Name && Operation == other.Operation && Subresource == other.Subresource
        && (Operation == Apply || ApiVersion == other.ApiVersion);

    public override int GetHashCode() => HashCode.Combine(Name, Operation, Subresource);
}

/// <summary>An object's <c>metadata.managedFields</c>.</summary>
internal sealed class ManagedFields
{
    private readonly Dictionary<FieldManager, (FieldSet Fields, string Time)> _managers = [];

    public IReadOnlyCollection<FieldManager> Managers => _managers.Keys;

    /// <summary>Entries that cannot be read are left out: a client may write what it likes there.</summary>
    public static ManagedFields Read(JsonObject? content)
    {
        var managed = new ManagedFields();
        foreach (var entry in (content?["metadata"]?["managedFields"] as JsonArray)?.OfType<JsonObject>() ?? [])
        {
            if (PlainJson.String(entry["operation"]) is FieldManager.Apply or FieldManager.Update && entry["fieldsV1"] is JsonObject fields)
            {
                managed._managers[new FieldManager(Text("manager"), Text("operation"), Text("subresource"), Text("apiVersion"))] = (FieldSet.FromJson(fields), Text("time"));
            }

            string Text(string name) => PlainJson.String(entry[name]) ?? "";
        }

        return managed;
    }

    public FieldSet? Of(FieldManager manager) => _managers.TryGetValue(manager, out var entry) ? entry.Fields : null;

    /// <summary>Keeps the time at which the manager wrote last.</summary>
    public void Reduce(FieldManager manager, FieldSet fields)
    {
        if (fields.IsEmpty)
        {
            _managers.Remove(manager);
        }
        else
        {
            _managers[manager] = (fields, _managers[manager].Time);
        }
    }

    public void Set(FieldManager manager, FieldSet fields, DateTimeOffset now)
    {
        // The key of the dictionary keeps the version it was made with.
        _managers.Remove(manager);
        if (!fields.IsEmpty)
        {
            _managers[manager] = (fields, now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        }
    }

    public bool SetEquals(ManagedFields other) =>
        _managers.Count == other._managers.Count && _managers.All(entry => other.Of(entry.Key) is { } fields && fields.SetEquals(entry.Value.Fields));

    public void WriteTo(JsonObject content)
    {
        if (content["metadata"] is not JsonObject metadata)
        {
            content["metadata"] = metadata = [];
        }

        metadata.Remove("managedFields");
        if (_managers.Count > 0)
        {
            metadata["managedFields"] = new JsonArray([.. _managers
                .OrderBy(entry => entry.Key.Operation, StringComparer.Ordinal)
                .ThenBy(entry => entry.Value.Time, StringComparer.Ordinal)
                .ThenBy(entry => entry.Key.Name, StringComparer.Ordinal)
                .ThenBy(entry => entry.Key.Subresource, StringComparer.Ordinal)
                .Select(entry => (JsonNode)Entry(entry.Key, entry.Value.Fields, entry.Value.Time))]);
        }
    }

    private static JsonObject Entry(FieldManager manager, FieldSet fields, string time)
    {
        var entry = new JsonObject
        {
            ["apiVersion"] = manager.ApiVersion,
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = fields.ToJson(),
            ["manager"] = manager.Name,
            ["operation"] = manager.Operation,
        };
        if (manager.Subresource.Length > 0)
        {
            entry["subresource"] = manager.Subresource;
        }

        if (time.Length > 0)
        {
            entry["time"] = time;
        }

        return entry;
    }
}
