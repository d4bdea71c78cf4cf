using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Patching;

/// <summary>
/// RFC 7386: objects merge, null removes, all else replaces. As in the API server, fields that are null in objects of a list go, too, where the RFC would
/// take the list as it is.
/// </summary>
internal static class MergePatch
{
    public static JsonObject Apply(JsonObject current, JsonObject patch)
    {
        var result = current.DeepClone().AsObject();
        Merge(result, patch);
        return result;
    }

    private static void Merge(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            switch (value)
            {
                case null:
                    target.Remove(name);
                    break;
                case JsonObject part:
                    if (target[name] is not JsonObject there)
                    {
                        target[name] = there = [];
                    }

                    Merge(there, part);
                    break;
                default:
                    target[name] = WithoutNulls(value.DeepClone());
                    break;
            }
        }
    }

    private static JsonNode? WithoutNulls(JsonNode? value)
    {
        switch (value)
        {
            case JsonArray items:
                foreach (var item in items)
                {
                    WithoutNulls(item);
                }

                break;
            case JsonObject content:
                foreach (var (name, part) in content.ToArray())
                {
                    if (WithoutNulls(part) is null)
                    {
                        content.Remove(name);
                    }
                }

                break;
        }

        return value;
    }
}
