using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Patching;

/// <summary>Which fields an object has, and in which fields two versions of it differ.</summary>
internal static class ObjectFields
{
    /// <summary>Of these nobody is the manager: they are the server's, or say which object it is.</summary>
    private static readonly string[] OfServer =
    [
        "name", "namespace", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "uid", "generation", "managedFields", "resourceVersion",
    ];

    /// <summary>The fields that somebody names who writes this down.</summary>
    public static FieldSet Of(SchemaNode? schema, JsonNode? value)
    {
        var set = new FieldSet();
        Collect(schema, value, set, withContainers: false);
        set.IsMember = false;
        return set;
    }

    public static FieldChanges Compare(SchemaNode? schema, JsonNode? before, JsonNode? after)
    {
        var changes = new FieldChanges(new FieldSet(), new FieldSet(), new FieldSet());
        Compare(schema, before, after, changes);
        return changes;
    }

    /// <summary>Takes away what has no manager, and what a write to this subresource does not reach.</summary>
    public static FieldSet Managed(ResourceType type, FieldSet fields, string subresource)
    {
        var managed = fields.Union(null);
        managed.IsMember = false;
        managed.Remove("f:apiVersion");
        managed.Remove("f:kind");
        if (managed.Find("f:metadata") is { } metadata)
        {
            metadata.IsMember = false;
            foreach (var name in OfServer)
            {
                metadata.Remove(FieldSteps.Field(name));
            }
        }

        if (subresource == "status")
        {
            foreach (var step in managed.Below.Keys.Where(step => step != "f:status").ToArray())
            {
                managed.Remove(step);
            }
        }
        else if (type.HasStatus)
        {
            managed.Remove("f:status");
        }

        return managed;
    }

    /// <param name="withContainers">Whether objects and lists that hold fields are noted themselves, as they are when a write made them.</param>
    private static void Collect(SchemaNode? schema, JsonNode? value, FieldSet set, bool withContainers)
    {
        if (!FieldSteps.IsGranular(schema, value))
        {
            set.IsMember = true;
            return;
        }

        var parts = FieldSteps.Parts(schema, value);
        set.IsMember = withContainers || parts.Count == 0;
        foreach (var (step, (part, content)) in parts)
        {
            var below = set.At(step);
            Collect(part, content, below, withContainers);

            // A key of a map or an item of a list exists by itself; a field with a name of the schema's is only the sum of its parts.
            below.IsMember |= step[0] != 'f' || schema?.Properties.ContainsKey(step[2..]) != true;
        }
    }

    private static void Compare(SchemaNode? schema, JsonNode? before, JsonNode? after, FieldChanges changes)
    {
        if (!FieldSteps.IsGranular(schema, before) || !FieldSteps.IsGranular(schema, after) || before!.GetValueKind() != after!.GetValueKind())
        {
            changes.Modified.IsMember = !JsonNode.DeepEquals(before, after);
            return;
        }

        var (old, now) = (FieldSteps.Parts(schema, before), FieldSteps.Parts(schema, after));
        foreach (var (step, (part, value)) in old)
        {
            if (now.TryGetValue(step, out var other))
            {
                Compare(part, value, other.Value, changes.At(step));
            }
            else
            {
                Collect(part, value, changes.Removed.At(step), withContainers: true);
            }
        }

        foreach (var (step, (part, value)) in now)
        {
            if (!old.ContainsKey(step))
            {
                Collect(part, value, changes.Added.At(step), withContainers: true);
            }
        }
    }
}

/// <summary>In which fields two versions of an object differ.</summary>
internal sealed record FieldChanges(FieldSet Added, FieldSet Removed, FieldSet Modified)
{
    public bool IsEmpty => Added.IsEmpty && Removed.IsEmpty && Modified.IsEmpty;

    public FieldSet Written => Added.Union(Modified);

    public FieldChanges At(string step) => new(Added.At(step), Removed.At(step), Modified.At(step));
}
