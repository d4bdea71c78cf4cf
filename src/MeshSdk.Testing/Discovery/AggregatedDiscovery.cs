using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Discovery;

/// <summary>The document that tells everything at once.</summary>
internal static class AggregatedDiscovery
{
    public static JsonObject Group(string group, IReadOnlyList<DiscoveryEntry> entries)
    {
        var metadata = new JsonObject { ["creationTimestamp"] = null };
        if (group.Length > 0)
        {
            metadata["name"] = group;
        }

        return new()
        {
            ["metadata"] = metadata,
            ["versions"] = new JsonArray(
            [
                .. entries.Where(entry => entry.Group == group).GroupBy(entry => entry.Version).Select(version => new JsonObject
                {
                    ["version"] = version.Key,
                    ["resources"] = new JsonArray([.. version.OrderBy(entry => entry.Plural, StringComparer.Ordinal).Select(Resource)]),
                    ["freshness"] = "Current",
                }),
            ]),
        };
    }

    public static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => JsonValue.Create(text))];

    public static void AddNames(JsonObject resource, DiscoveryEntry entry)
    {
        if (entry.ShortNames.Length > 0)
        {
            resource["shortNames"] = Texts(entry.ShortNames);
        }

        if (entry.Categories.Length > 0)
        {
            resource["categories"] = Texts(entry.Categories);
        }
    }

    private static JsonObject Resource(DiscoveryEntry entry)
    {
        var result = new JsonObject
        {
            ["resource"] = entry.Plural,
            ["responseKind"] = Kind(entry.Group, entry.Version, entry.Kind),
            ["scope"] = entry.IsNamespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = entry.Singular,
            ["verbs"] = Texts(entry.Verbs),
        };
        AddNames(result, entry);
        if (entry.Subresources.Length > 0)
        {
            result["subresources"] = new JsonArray(
            [
                .. entry.Subresources.Select(subresource => new JsonObject
                {
                    ["subresource"] = subresource.Name,
                    ["responseKind"] = Kind(subresource.Group, subresource.Version, subresource.Kind),
                    ["verbs"] = Texts(subresource.Verbs),
                }),
            ]);
        }

        return result;
    }

    private static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };
}
