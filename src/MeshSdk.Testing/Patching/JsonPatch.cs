using System.Text.Json;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Patching;

/// <summary>RFC 6902: operations, done all or none.</summary>
internal static class JsonPatch
{
    /// <summary>As many as the API server takes.</summary>
    private const int MostOperations = 10_000;

    public static JsonObject Apply(JsonObject current, ReadOnlyMemory<byte> patch)
    {
        var operations = Read(patch);
        JsonNode? root = current.DeepClone();
        foreach (var operation in operations)
        {
            root = Apply(root!, operation as JsonObject ?? throw ApiException.BadRequest("an operation of a JSON patch is an object"));
        }

        return root as JsonObject ?? throw Unfit("the result is no object");
    }

    private static JsonArray Read(ReadOnlyMemory<byte> patch)
    {
        try
        {
            var operations = JsonNode.Parse(patch.Span) as JsonArray ?? throw ApiException.BadRequest("a JSON patch is a list of operations");
            return operations.Count <= MostOperations
                ? operations
                : throw new ApiException(413, "RequestEntityTooLarge", $"The allowed maximum operations in a JSON patch is {MostOperations}, got {operations.Count}");
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            throw ApiException.BadRequest("error decoding patch: " + exception.Message);
        }
    }

    private static JsonNode? Apply(JsonNode root, JsonObject operation)
    {
        var path = Pointer(operation, "path");
        switch (PlainJson.String(operation["op"]))
        {
            case "add":
                return Add(root, path, Value(operation));
            case "remove":
                Remove(root, path);
                return root;
            case "replace":
                return Replace(root, path, Value(operation));
            case "move":
                var from = Pointer(operation, "from");
                if (from.Contains(path) && from.Text != path.Text)
                {
                    throw Unfit($"{from.Text} cannot move into itself");
                }

                var moved = Find(root, from)?.DeepClone();
                Remove(root, from);
                return Add(root, path, moved);
            case "copy":
                return Add(root, path, Find(root, Pointer(operation, "from"))?.DeepClone());
            case "test":
                Test(root, path, operation["value"]);
                return root;
            default:
                throw ApiException.BadRequest($"unexpected kind of operation in a JSON patch: {PlainJson.Text(operation["op"])}");
        }
    }

    private static JsonNode? Add(JsonNode root, JsonPointer path, JsonNode? value)
    {
        if (path.IsRoot)
        {
            return value;
        }

        switch (path.Parent(root))
        {
            case JsonObject content:
                content[path.Last] = value;
                return root;
            case JsonArray items when path.Last == "-":
                items.Add(value);
                return root;
            case JsonArray items when JsonPointer.Index(path.Last, items.Count + 1) is { } index && index <= items.Count:
                items.Insert(index, value);
                return root;
            default:
                throw Missing(path);
        }
    }

    private static JsonNode? Replace(JsonNode root, JsonPointer path, JsonNode? value)
    {
        if (path.IsRoot)
        {
            return value;
        }

        switch (path.Parent(root))
        {
            case JsonArray items:
                _ = Find(root, path);
                items[JsonPointer.Index(path.Last, items.Count)!.Value] = value;
                break;

            // The RFC wants the field to be there; the API server does not.
            case JsonObject content:
                content[path.Last] = value;
                break;
            default:
                throw Missing(path);
        }

        return root;
    }

    private static void Remove(JsonNode root, JsonPointer path)
    {
        _ = Find(root, path);
        switch (path.IsRoot ? null : path.Parent(root))
        {
            case JsonObject content:
                content.Remove(path.Last);
                break;
            case JsonArray items:
                items.RemoveAt(JsonPointer.Index(path.Last, items.Count)!.Value);
                break;
            default:
                throw Unfit("the whole object cannot be removed by a patch");
        }
    }

    private static void Test(JsonNode root, JsonPointer path, JsonNode? expected)
    {
        // A field that is not there passes for null: that is how a patch makes sure that nobody has set it.
        var parent = path.IsRoot ? root : path.Parent(root) ?? throw Missing(path);
        JsonNode? found = root;
        if (!path.IsRoot && !JsonPointer.TryStep(parent, path.Last, out found) && expected is not null)
        {
            throw Missing(path);
        }

        if (!JsonNode.DeepEquals(found, expected))
        {
            throw Unfit($"testing value {path.Text} failed: test failed");
        }
    }

    private static JsonNode? Find(JsonNode root, JsonPointer path)
    {
        if (path.IsRoot)
        {
            return root;
        }

        return JsonPointer.TryStep(path.Parent(root), path.Last, out var value) ? value : throw Missing(path);
    }

    private static JsonNode? Value(JsonObject operation) => operation.TryGetPropertyValue("value", out var value)
        ? value?.DeepClone()
        : throw ApiException.BadRequest($"an operation of a JSON patch needs its value: {PlainJson.Text(operation)}");

    private static JsonPointer Pointer(JsonObject operation, string name) => PlainJson.String(operation[name]) is { } text && JsonPointer.Parse(text) is { } pointer
        ? pointer
        : throw ApiException.BadRequest($"an operation of a JSON patch needs its {name}, as in /spec/rules/0: {PlainJson.Text(operation)}");

    private static ApiException Missing(JsonPointer path) => Unfit($"doc is missing path: {path.Text}");

    private static ApiException Unfit(string why) =>
        new(422, "Invalid", "the server rejected our request due to an error in our request: " + why);
}
