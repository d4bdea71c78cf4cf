using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Patching;

/// <summary>Takes directives out of a patch's parts that meet nothing to be merged with, and are taken over as they are.</summary>
internal static class StrategicDirectives
{
    /// <summary>Changes <paramref name="value"/>; false where it says itself that it is to be deleted.</summary>
    /// <param name="ofNulls">Whether nulls in objects go, too; in lists they stay.</param>
    public static bool Strip(JsonNode? value, bool ofNulls)
    {
        switch (value)
        {
            case JsonObject content:
                return Object(content, ofNulls);
            case JsonArray items:
                items.RemoveAll(item => !Strip(item, ofNulls));
                return true;
            default:
                return true;
        }
    }

    private static bool Object(JsonObject content, bool ofNulls)
    {
        if (content["$patch"] is { } directive && directive.ToString() == "delete")
        {
            return false;
        }

        foreach (var (name, value) in content.ToArray())
        {
            if (name.StartsWith('$') || (value is null && ofNulls) || !Strip(value, ofNulls))
            {
                content.Remove(name);
            }
        }

        return true;
    }
}
