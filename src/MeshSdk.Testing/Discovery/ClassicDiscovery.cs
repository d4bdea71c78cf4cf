using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Discovery;

/// <summary>The documents that clients read one group version at a time.</summary>
internal static class ClassicDiscovery
{
    public static JsonObject Group(string group, IReadOnlyList<DiscoveryEntry> entries, bool isDocument = false)
    {
        var versions = entries.Where(entry => entry.Group == group).Select(entry => entry.Version).Distinct().Select(version => new JsonObject
        {
            ["groupVersion"] = $"{group}/{version}",
            ["version"] = version,
        }).ToArray();
        var result = new JsonObject();
        if (isDocument)
        {
            result["kind"] = "APIGroup";
            result["apiVersion"] = "v1";
        }

        result["name"] = group;
        result["versions"] = new JsonArray([.. versions]);
        result["preferredVersion"] = versions[0].DeepClone();
        return result;
    }

    public static JsonObject Resources(string group, string version, IReadOnlyList<DiscoveryEntry> entries)
    {
        var resources = new JsonArray();
        foreach (var entry in entries.Where(entry => entry.Group == group && entry.Version == version).OrderBy(entry => entry.Plural, StringComparer.Ordinal))
        {
            resources.Add(Resource(entry));
            foreach (var subresource in entry.Subresources)
            {
                resources.Add(Subresource(entry, subresource));
            }
        }

        return new()
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
            ["resources"] = resources,
        };
    }

    private static JsonObject Resource(DiscoveryEntry entry)
    {
        var result = new JsonObject
        {
            ["name"] = entry.Plural,
            ["singularName"] = entry.Singular,
            ["namespaced"] = entry.IsNamespaced,
            ["kind"] = entry.Kind,
            ["verbs"] = AggregatedDiscovery.Texts(entry.Verbs),
        };
        AggregatedDiscovery.AddNames(result, entry);
        return result;
    }

    private static JsonObject Subresource(DiscoveryEntry entry, DiscoverySubresource subresource)
    {
        var result = new JsonObject
        {
            ["name"] = $"{entry.Plural}/{subresource.Name}",
            ["singularName"] = "",
            ["namespaced"] = entry.IsNamespaced,
            ["kind"] = subresource.Kind,
            ["verbs"] = AggregatedDiscovery.Texts(subresource.Verbs),
        };
        if (subresource.Group != entry.Group)
        {
            result["group"] = subresource.Group;
            result["version"] = subresource.Version;
        }

        return result;
    }
}
