using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Patching;

/// <summary>RFC 7386: objects merge, null removes, all else replaces.</summary>
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
                    target[name] = value.DeepClone();
                    break;
            }
        }
    }
}
