using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Patching;

/// <summary>Fields that an apply would change and that others manage.</summary>
internal sealed class ApplyConflicts
{
    private readonly List<(FieldManager Manager, FieldSet Fields)> _conflicts = [];

    private ApplyConflicts()
    {
    }

    public bool IsEmpty => _conflicts.Count == 0;

    public FieldSet Fields => _conflicts.Aggregate(new FieldSet(), (all, conflict) => all.Union(conflict.Fields));

    public static ApplyConflicts Find(ManagedFields managed, FieldManager self, FieldChanges changes)
    {
        var conflicts = new ApplyConflicts();
        foreach (var manager in managed.Managers.Where(manager => manager != self).OrderBy(manager => manager.Name, StringComparer.Ordinal))
        {
            var fields = managed.Of(manager)!.Intersect(changes.Written);
            if (!fields.IsEmpty)
            {
                conflicts._conflicts.Add((manager, fields));
            }
        }

        return conflicts;
    }

    /// <summary>The 409 from whose causes kubectl makes its advice.</summary>
    public ApiException ToException(ResourceType type, JsonObject applied)
    {
        var causes = _conflicts.SelectMany(conflict => conflict.Fields.Paths().Select(path => (Who: Describe(conflict.Manager), Path: path))).ToArray();
        var message = causes.Length == 1
            ? $"Apply failed with 1 conflict: conflict with {causes[0].Who}: {causes[0].Path}"
            : $"Apply failed with {causes.Length} conflicts: " + string.Join('\n', causes.GroupBy(cause => cause.Who).Select(group =>
                group.Count() == 1
                    ? $"conflict with {group.Key}: {group.First().Path}"
                    : $"conflicts with {group.Key}:\n{string.Join('\n', group.Select(cause => "- " + cause.Path))}"));
        var details = ApiException.DetailsOf(type, PlainJson.String(applied["metadata"]?["name"]) ?? "");
        details["causes"] = new JsonArray([.. causes.Select(cause => (JsonNode)new JsonObject
        {
            ["reason"] = "FieldManagerConflict",
            ["message"] = "conflict with " + cause.Who,
            ["field"] = cause.Path,
        })]);
        return new ApiException(409, "Conflict", message) { Details = details };
    }

    private static string Describe(FieldManager manager)
    {
        var name = PlainJson.Text(JsonValue.Create(manager.Name));
        var subresource = manager.Subresource.Length > 0 ? $" with subresource \"{manager.Subresource}\"" : "";
        // Whoever applies is one and the same in all versions, so that none is told.
        var version = manager.Operation == FieldManager.Apply ? "" : $" using {manager.ApiVersion}";
        return $"{name}{subresource}{version}";
    }
}
