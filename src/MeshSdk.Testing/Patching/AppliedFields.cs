using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Patching;

/// <summary>Lays an applied configuration over an object, and takes out of an object what nobody applies any more.</summary>
internal static class AppliedFields
{
    /// <summary>What is applied wins; what it does not name stays. Changes <paramref name="live"/> and returns what takes its place.</summary>
    public static JsonNode? Merge(SchemaNode? schema, JsonNode? live, JsonNode? applied)
    {
        if (!FieldSteps.IsGranular(schema, applied) || !FieldSteps.IsGranular(schema, live))
        {
            return applied?.DeepClone();
        }

        switch (live, applied)
        {
            case (JsonObject there, JsonObject content):
                foreach (var (name, value) in content)
                {
                    var merged = Merge(schema?.Field(name), there[name], value);
                    if (merged is null || !ReferenceEquals(merged, there[name]))
                    {
                        there[name] = merged;
                    }
                }

                return there;
            case (JsonArray there, JsonArray items):
                return Items(schema!, there, items);
            default:
                return applied?.DeepClone();
        }
    }

    /// <summary>Takes out every member of <paramref name="gone"/>, with all below it.</summary>
    public static void Remove(SchemaNode? schema, JsonNode? value, FieldSet gone)
    {
        if (!FieldSteps.IsGranular(schema, value))
        {
            return;
        }

        foreach (var (step, (part, content)) in FieldSteps.Parts(schema, value))
        {
            if (gone.Find(step) is not { } below)
            {
                continue;
            }

            if (!below.IsMember)
            {
                Remove(part, content, below);
            }
            else if (value is JsonObject owner)
            {
                owner.Remove(step[2..]);
            }
            else
            {
                ((JsonArray)value!).RemoveAll(item => FieldSteps.Item(schema!, item) == step);
            }
        }
    }

    /// <summary>
    /// The same set, with fields that the schema names as members where anything below them is one: when all of it goes, the field itself goes, not only
    /// its parts.
    /// </summary>
    public static FieldSet WithNamedFields(SchemaNode? schema, FieldSet set)
    {
        var result = new FieldSet { IsMember = set.IsMember };
        foreach (var (step, part) in set.Below)
        {
            var isNamed = step[0] == 'f' && schema?.Properties.ContainsKey(step[2..]) == true;
            var below = WithNamedFields(step[0] == 'f' ? schema?.Field(step[2..]) : schema?.Items, part);
            below.IsMember |= isNamed && !part.IsEmpty;
            result.Put(step, below);
        }

        return result;
    }

    /// <exception cref="ApiException">400: an item of a list has no key, or there are two of one key.</exception>
    public static void CheckLists(SchemaNode? schema, JsonNode? value, string path)
    {
        switch (value)
        {
            case JsonObject content:
                foreach (var (name, part) in content)
                {
                    CheckLists(schema?.Field(name), part, $"{path}.{name}");
                }

                break;
            case JsonArray items when FieldSteps.IsGranular(schema, items):
                var seen = new HashSet<string>(StringComparer.Ordinal);
                for (var i = 0; i < items.Count; i++)
                {
                    if (schema!.ListType == "map" && ListKeys.Of(schema, items[i]) is null or { Count: 0 })
                    {
                        throw Untyped($"{path}: element {i}: associative list with keys has an element that omits key field \"{schema.ListMapKeys[0]}\"");
                    }

                    if (!seen.Add(FieldSteps.Item(schema, items[i])!))
                    {
                        throw Untyped($"{path}: duplicate entries for key {PlainJson.Text(ListKeys.Of(schema, items[i]) ?? items[i])}");
                    }

                    CheckLists(schema.Items, items[i], $"{path}[{i}]");
                }

                break;
        }
    }

    private static ApiException Untyped(string why) => ApiException.BadRequest("failed to create typed patch object: " + why);

    /// <summary>Applied items stand in the order of the applied list; others keep their place among them.</summary>
    private static JsonArray Items(SchemaNode schema, JsonArray live, JsonArray applied)
    {
        var wanted = applied.Select(item => (Step: FieldSteps.Item(schema, item), Item: item)).ToList();
        var there = live.Select(item => (Step: FieldSteps.Item(schema, item), Item: item)).ToList();
        var result = new List<JsonNode?>();
        var next = 0;
        foreach (var (step, item) in there)
        {
            if (!wanted.Any(other => other.Step == step))
            {
                result.Add(item?.DeepClone());
                continue;
            }

            // All that is to stand before this item comes before it.
            while (next < wanted.Count && next <= wanted.FindIndex(other => other.Step == step))
            {
                Add(wanted[next++]);
            }
        }

        while (next < wanted.Count)
        {
            Add(wanted[next++]);
        }

        return new JsonArray([.. result]);

        void Add((string? Step, JsonNode? Item) item)
        {
            var match = there.FirstOrDefault(other => other.Step == item.Step).Item;
            result.Add(Merge(schema.Items, match?.DeepClone(), item.Item));
        }
    }
}
