using System.Globalization;
using System.Text.Json.Nodes;

namespace MeshSdk.Kubernetes.StatusWriting;

/// <summary>
/// Puts what the mesh has to say into the <c>status.parents</c> of a route. A function of its arguments. Entries of other controllers stay as and where they
/// are; of one's own those stay whose parent is still there, as they are where the mesh has nothing to say of it: that is what it has not heard of yet, or may
/// not read.
/// </summary>
internal static class RouteStatusMerge
{
    // As the CRDs have it.
    private const int MostParents = 32;

    /// <summary>Changes the route's status in place.</summary>
    /// <param name="route">As the API server has it.</param>
    /// <param name="statuses">All of this route; none: only the entries of parents that it names no more are taken away.</param>
    /// <param name="controller">The name to write under.</param>
    /// <param name="now">When a condition that changes has changed.</param>
    /// <returns>Whether anything is another than before.</returns>
    public static bool Apply(JsonObject route, IReadOnlyList<MeshRouteStatus> statuses, string controller, DateTimeOffset now)
    {
        var before = (route["status"] as JsonObject)?["parents"] as JsonArray ?? [];
        var references = (route["spec"] as JsonObject)?["parentRefs"] as JsonArray ?? [];
        var ns = (route["metadata"] as JsonObject)?.Text("namespace") ?? "";

        // By what a reference means and not by where it stands: what is in force may be an earlier version of the route, whose references stood elsewhere.
        var said = statuses.DistinctBy(ParentKey.Of).ToDictionary(ParentKey.Of);
        var parents = references.OfType<JsonObject>().DistinctBy(reference => ParentKey.Of(reference, ns)).ToList();
        var wanted = parents.Where(reference => said.ContainsKey(ParentKey.Of(reference, ns)))
            .ToDictionary(reference => ParentKey.Of(reference, ns), reference => (Reference: reference, Status: said[ParentKey.Of(reference, ns)]));
        var silent = parents.Select(reference => ParentKey.Of(reference, ns)).Where(key => key.IsService && !wanted.ContainsKey(key)).ToHashSet();
        var order = wanted.Keys.ToList();
        var after = new JsonArray();
        foreach (var entry in before)
        {
            if (entry is not JsonObject own || own.Text("controllerName") != controller || silent.Remove(KeyOf(own)))
            {
                after.Add(entry?.DeepClone());
            }
            else if (wanted.Remove(KeyOf(own), out var told))
            {
                after.Add((JsonNode)Entry(told.Reference, told.Status, controller, own["conditions"] as JsonArray ?? [], now));
            }
        }

        foreach (var (reference, status) in order.Where(wanted.ContainsKey).Select(key => wanted[key]).Take(Math.Max(0, MostParents - after.Count)))
        {
            after.Add((JsonNode)Entry(reference, status, controller, [], now));
        }

        if (JsonNode.DeepEquals(before, after))
        {
            return false;
        }

        if (route["status"] is not JsonObject whole)
        {
            route["status"] = whole = [];
        }

        whole["parents"] = after;
        return true;

        ParentKey KeyOf(JsonObject entry) => ParentKey.Of(entry["parentRef"] as JsonObject ?? [], ns);
    }

    private static JsonObject Entry(JsonObject reference, MeshRouteStatus status, string controller, JsonArray before, DateTimeOffset now) => new()
    {
        ["conditions"] = new JsonArray([.. status.Conditions.Select(condition => (JsonNode)Condition(condition, before, now))]),
        ["controllerName"] = controller,
        ["parentRef"] = reference.DeepClone(),
    };

    private static JsonObject Condition(MeshRouteCondition condition, JsonArray before, DateTimeOffset now)
    {
        var last = before.OfType<JsonObject>().FirstOrDefault(known => known.Text("type") == condition.Type);
        var since = last is not null && last.Text("status") == condition.Status ? last.Text("lastTransitionTime") : null;
        var content = new JsonObject
        {
            ["lastTransitionTime"] = since ?? now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            ["message"] = condition.Message,
        };
        if (condition.ObservedGeneration is { } generation)
        {
            content["observedGeneration"] = generation;
        }

        content["reason"] = condition.Reason;
        content["status"] = condition.Status;
        content["type"] = condition.Type;
        return content;
    }
}
