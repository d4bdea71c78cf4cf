using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Api;

/// <summary>The part of the metadata that belongs to the server, whatever a client sends.</summary>
internal static class ObjectStamp
{
    private static readonly string[] ServersOwn = ["uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds"];

    /// <summary>Characters without vowels and look-alikes, as in Kubernetes, so that no word comes of them.</summary>
    private const string NameCharacters = "bcdfghjklmnpqrstvwxz2456789";

    public static string Time(DateTimeOffset time) => time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string GenerateName(string prefix) => prefix + RandomNumberGenerator.GetString(NameCharacters, 5);

    /// <summary>Makes the metadata that of a new object.</summary>
    public static void New(ResourceType type, JsonObject metadata, DateTimeOffset now)
    {
        foreach (var name in ServersOwn)
        {
            metadata.Remove(name);
        }

        metadata.Remove("resourceVersion");
        metadata.Remove("selfLink");
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Time(now);
        if (CountsGenerations(type))
        {
            metadata["generation"] = 1;
        }
    }

    /// <summary>Undoes what a client has changed of the server's part.</summary>
    public static void Restore(JsonObject metadata, JsonObject before)
    {
        foreach (var name in ServersOwn)
        {
            metadata.TakeFrom(before, name);
        }

        metadata.TakeFrom(before, "resourceVersion");
        RestoreManagers(metadata, before);
    }

    /// <summary>Counts a generation where anything but metadata and status has changed.</summary>
    public static void CountGeneration(ResourceType type, JsonObject before, JsonObject after)
    {
        if (CountsGenerations(type) && !IsSameSpec(type, before, after))
        {
            after.Metadata()["generation"] = (before.Metadata().Number("generation") ?? 0) + 1;
        }
    }

    /// <summary>Whether nothing differs but the times in <c>managedFields</c>: then the write is none.</summary>
    public static bool IsSame(JsonObject before, JsonObject after) => JsonNode.DeepEquals(before, after)
        || JsonNode.DeepEquals(WithoutTimes(before), WithoutTimes(after));

    // Kinds of the core group have their strategies by hand, and few of those count.
    private static bool CountsGenerations(ResourceType type) =>
        type.IsCustom || type.Group is "apps" or "discovery.k8s.io" or "apiextensions.k8s.io" || type is { Group: "", Kind: "Pod" };

    private static bool IsSameSpec(ResourceType type, JsonObject before, JsonObject after)
    {
        return Names(before).Union(Names(after)).All(name => JsonNode.DeepEquals(before[name], after[name]));

        IEnumerable<string> Names(JsonObject content) =>
            content.Select(property => property.Key).Where(name => name is not ("apiVersion" or "kind" or "metadata") && (name != "status" || !type.HasStatus));
    }

    // A client that sends none, or an empty list, leaves the managers as they are; one empty entry is the sign to forget them.
    private static void RestoreManagers(JsonObject metadata, JsonObject before)
    {
        switch (metadata["managedFields"])
        {
            case JsonArray { Count: 1 } managers when managers[0] is JsonObject { Count: 0 }:
                metadata.Remove("managedFields");
                break;
            case JsonArray { Count: > 0 }:
                break;
            default:
                metadata.TakeFrom(before, "managedFields");
                break;
        }
    }

    private static JsonObject WithoutTimes(JsonObject content)
    {
        var copy = content.DeepClone().AsObject();
        foreach (var manager in copy.Metadata()["managedFields"] is JsonArray managers ? managers.OfType<JsonObject>() : [])
        {
            manager.Remove("time");
        }

        return copy;
    }
}
