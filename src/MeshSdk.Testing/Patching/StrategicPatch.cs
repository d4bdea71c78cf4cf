using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Patching;

/// <summary>
/// Strategic merge patch: like a merge patch, but lists of a built-in kind may merge by a key, and directives (<c>$patch</c>, <c>$retainKeys</c>,
/// <c>$setElementOrder/…</c>, <c>$deleteFromPrimitiveList/…</c>) say what merging cannot.
/// </summary>
internal static class StrategicPatch
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string SetOrder = "$setElementOrder/";
    private const string DeletePrimitives = "$deleteFromPrimitiveList/";

    public static JsonObject Apply(SchemaNode schema, JsonObject current, JsonObject patch) =>
        Merge(schema, current.DeepClone().AsObject(), patch.DeepClone().AsObject());

    /// <summary>Merges into <paramref name="original"/>, uses <paramref name="patch"/> up, and returns what takes the original's place.</summary>
    public static JsonObject Merge(SchemaNode? schema, JsonObject original, JsonObject patch)
    {
        if (patch.TryGetPropertyValue(Directive, out var directive))
        {
            patch.Remove(Directive);
            return PlainJson.String(directive) switch
            {
                "replace" => patch,
                "delete" => [],
                _ => throw BadDirective(directive),
            };
        }

        Retain(original, patch);
        Order(schema, original, patch);
        foreach (var (name, value) in patch.ToArray())
        {
            patch.Remove(name);
            if (name.StartsWith(DeletePrimitives, StringComparison.Ordinal))
            {
                Delete(original, name[DeletePrimitives.Length..], value);
            }
            else
            {
                Field(schema?.Field(name), original, name, value);
            }
        }

        return original;
    }

    public static ApiException BadDirective(JsonNode? directive) =>
        ApiException.BadRequest($"unknown patch type: {PlainJson.Text(directive)}; replace and delete are known");

    private static void Field(SchemaNode? schema, JsonObject original, string name, JsonNode? value)
    {
        switch (original[name], value)
        {
            case (_, null):
                original.Remove(name);
                break;
            case (JsonObject there, JsonObject patch):
                Put(Merge(schema, there, patch));
                break;
            case (JsonArray there, JsonArray patch) when StrategicList.Merges(schema):
                Put(StrategicList.Merge(schema!, there, patch));
                break;
            default:
                if (StrategicDirectives.Strip(value, ofNulls: true))
                {
                    original[name] = value;
                }
                else
                {
                    original.Remove(name);
                }

                break;
        }

        void Put(JsonNode merged)
        {
            if (!ReferenceEquals(original[name], merged))
            {
                original[name] = merged;
            }
        }
    }

    /// <summary><c>$retainKeys</c> lists the fields of which a union may keep any, so that the old choice goes when a new one comes.</summary>
    private static void Retain(JsonObject original, JsonObject patch)
    {
        if (!patch.TryGetPropertyValue(RetainKeys, out var keys))
        {
            return;
        }

        patch.Remove(RetainKeys);
        var kept = (keys as JsonArray)?.Select(PlainJson.String).ToHashSet() ?? throw ApiException.BadRequest("$retainKeys is a list of names");
        if (patch.FirstOrDefault(field => field.Value is not null && !field.Key.StartsWith('$') && !kept.Contains(field.Key)).Key is { } stray)
        {
            throw ApiException.BadRequest($"$retainKeys does not name {stray}, which the patch sets");
        }

        foreach (var (name, _) in original.ToArray())
        {
            if (!kept.Contains(name))
            {
                original.Remove(name);
            }
        }
    }

    private static void Order(SchemaNode? schema, JsonObject original, JsonObject patch)
    {
        foreach (var (directive, order) in patch.Where(field => field.Key.StartsWith(SetOrder, StringComparison.Ordinal)).ToArray())
        {
            patch.Remove(directive);
            var name = directive[SetOrder.Length..];
            var list = schema?.Field(name);
            if (order is not JsonArray wanted || list is null)
            {
                throw ApiException.BadRequest($"{directive} is not the order of a list");
            }

            var there = original[name] as JsonArray;
            var before = there?.DeepClone().AsArray() ?? [];
            if (patch[name] is JsonArray items)
            {
                patch.Remove(name);
                Field(list, original, name, items);
            }

            if (original[name] is JsonArray merged)
            {
                original[name] = StrategicList.Sort(StrategicList.KeyOf(list), merged, wanted, before);
            }
        }
    }

    private static void Delete(JsonObject original, string name, JsonNode? values)
    {
        if (original[name] is JsonArray items && values is JsonArray gone)
        {
            original[name] = new JsonArray([.. items.Where(item => !gone.Any(value => JsonNode.DeepEquals(value, item))).Select(item => item?.DeepClone())]);
        }
    }
}
