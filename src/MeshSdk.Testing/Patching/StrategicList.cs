using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Patching;

/// <summary>How lists merge under a strategic patch: objects by their merge key, texts and numbers as sets.</summary>
internal static class StrategicList
{
    /// <summary>The field that tells items apart: stated, or the first of the keys by which server-side apply tells them apart.</summary>
    public static string KeyOf(SchemaNode list) =>
        list.PatchMergeKey.Length > 0 ? list.PatchMergeKey : list.ListType == "map" ? list.ListMapKeys[0] : "";

    public static bool Merges(SchemaNode? list) => list is not null && (KeyOf(list).Length > 0 || list.ListType == "set");

    public static JsonArray Merge(SchemaNode list, JsonArray original, JsonArray patch)
    {
        var key = KeyOf(list);
        var before = original.DeepClone().AsArray();
        var order = patch.DeepClone().AsArray();
        if (key.Length == 0)
        {
            var all = new List<JsonNode?>();
            foreach (var value in original.Concat(patch))
            {
                if (!all.Any(other => JsonNode.DeepEquals(other, value)))
                {
                    all.Add(value?.DeepClone());
                }
            }

            return Sort(key, new JsonArray([.. all]), order, before);
        }

        return Maps(list, key, original, patch) ?? Sort(key, original, order, before);
    }

    /// <summary>
    /// Items that <paramref name="order"/> names stand in its order; the rest stays in the order of <paramref name="before"/> and is put among them where it
    /// stood, as far as that is possible.
    /// </summary>
    public static JsonArray Sort(string key, JsonArray merged, JsonArray order, JsonArray before)
    {
        var named = merged.Where(item => Place(order, item) >= 0).OrderBy(item => Place(order, item)).ToArray();
        var others = merged.Where(item => Place(order, item) < 0).OrderBy(item => Place(before, item)).ToArray();
        var sorted = new List<JsonNode?>(merged.Count);
        var (i, j) = (0, 0);
        while (i < others.Length || j < named.Length)
        {
            var takeOther = j >= named.Length;
            if (i < others.Length && j < named.Length)
            {
                var (left, right) = (Place(before, others[i]), Place(before, named[j]));
                takeOther = left >= 0 && right >= 0 && left < right;
            }

            sorted.Add(takeOther ? others[i++] : named[j++]);
        }

        return new JsonArray([.. sorted.Select(item => item?.DeepClone())]);

        int Place(JsonArray list, JsonNode? item)
        {
            for (var at = 0; at < list.Count; at++)
            {
                if (Same(key, list[at], item))
                {
                    return at;
                }
            }

            return -1;
        }
    }

    /// <summary>Merges into <paramref name="original"/>; returns another list where the patch replaces all.</summary>
    private static JsonArray? Maps(SchemaNode list, string key, JsonArray original, JsonArray patch)
    {
        var replaces = false;
        var items = new List<JsonObject>();
        foreach (var item in patch)
        {
            var content = item as JsonObject ?? throw ApiException.BadRequest($"an item of the list has to be an object with {key}: {PlainJson.Text(item)}");
            if (!content.TryGetPropertyValue("$patch", out var directive))
            {
                items.Add(content);
                continue;
            }

            switch (PlainJson.String(directive))
            {
                case "delete":
                    Required(content, key);
                    original.RemoveAll(there => Same(key, there, content));
                    break;
                case "replace":
                    replaces = true;
                    break;
                default:
                    throw StrategicPatch.BadDirective(directive);
            }
        }

        if (replaces)
        {
            return new JsonArray([.. items.Select(item => item.DeepClone())]);
        }

        foreach (var item in items)
        {
            Required(item, key);
            var at = IndexOf(key, original, item);
            if (at < 0)
            {
                original.Add(item.DeepClone());
                continue;
            }

            var there = original[at]!.AsObject();
            var merged = StrategicPatch.Merge(list.Items, there, item.DeepClone().AsObject());
            if (!ReferenceEquals(there, merged))
            {
                original[at] = merged;
            }
        }

        return null;
    }

    private static int IndexOf(string key, JsonArray list, JsonObject item)
    {
        for (var at = 0; at < list.Count; at++)
        {
            if (Same(key, list[at], item))
            {
                return at;
            }
        }

        return -1;
    }

    private static bool Same(string key, JsonNode? left, JsonNode? right) => key.Length == 0
        ? JsonNode.DeepEquals(left, right)
        : left is JsonObject a && right is JsonObject b && JsonNode.DeepEquals(a[key], b[key]);

    private static void Required(JsonObject item, string key)
    {
        if (item[key] is null)
        {
            throw ApiException.BadRequest($"map: {PlainJson.Text(item)} does not contain declared merge key: {key}");
        }
    }
}
