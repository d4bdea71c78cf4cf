using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Patching;

/// <summary>RFC 6901: the way to a place in a document.</summary>
internal sealed class JsonPointer
{
    private readonly string[] _steps;

    private JsonPointer(string text, string[] steps)
    {
        Text = text;
        _steps = steps;
    }

    public string Text { get; }

    public bool IsRoot => _steps.Length == 0;

    /// <summary>The last step; of the root there is none.</summary>
    public string Last => _steps[^1];

    /// <summary>Null where the text is no pointer.</summary>
    public static JsonPointer? Parse(string text) =>
        text.Length == 0 ? new JsonPointer(text, [])
        : text[0] != '/' ? null
        : new JsonPointer(text, [.. text[1..].Split('/').Select(step =>
            step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]);

    /// <summary>Whether the other place is this one or lies inside of it.</summary>
    public bool Contains(JsonPointer other) => other._steps.AsSpan().StartsWith(_steps);

    /// <summary>The object or list that the last step leads into; null where there is none.</summary>
    public JsonNode? Parent(JsonNode root)
    {
        JsonNode? node = root;
        foreach (var step in _steps.AsSpan(..^1))
        {
            if (!TryStep(node, step, out node) || node is null)
            {
                return null;
            }
        }

        return node;
    }

    public static bool TryStep(JsonNode? node, string step, out JsonNode? value)
    {
        value = null;
        switch (node)
        {
            case JsonObject content:
                return content.TryGetPropertyValue(step, out value);
            case JsonArray items when Index(step, items.Count) is { } index && index < items.Count:
                value = items[index];
                return true;
            default:
                return false;
        }
    }

    /// <summary>
    /// The place that a step names; null for what is no index: a leading zero, <c>-</c>. A negative one counts from the end, which the RFC does not have
    /// but the API server does.
    /// </summary>
    /// <param name="count">How many places there are.</param>
    public static int? Index(string step, int count)
    {
        var digits = step.StartsWith('-') ? step[1..] : step;
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || (digits.Length > 1 && digits[0] == '0'))
        {
            return null;
        }

        index = step[0] == '-' ? count - index : index;
        return index >= 0 ? index : null;
    }
}
