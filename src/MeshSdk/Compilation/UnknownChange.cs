using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>
/// From what is unknown to what is unknown next. Only kinds of which that changes are looked at, since each change is weighed for every service there is.
/// </summary>
internal sealed class UnknownChange(ResourceStoreUnknown before, ResourceStoreUnknown after)
{
    private readonly HashSet<string> _kinds = before.KindsUnlike(after);

    /// <summary>Whether calls meet the same as before.</summary>
    public bool IsEmpty => _kinds.Count == 0;

    /// <summary>Whether it is of objects of this kind.</summary>
    public bool Concerns(string kind) => _kinds.Contains(kind);

    /// <summary>Whether something else is known of the objects of a namespace.</summary>
    public bool Of(string kind, string @namespace) => Concerns(kind) && !UnknownScope.AreAlike(before.Find(kind, @namespace), after.Find(kind, @namespace));

    /// <summary>Whether something else is known of the objects of a service, or of one object.</summary>
    public bool Of(string kind, string @namespace, string name) =>
        Concerns(kind) && !UnknownScope.AreAlike(before.Find(kind, @namespace, name), after.Find(kind, @namespace, name));

    /// <summary>Whether something else is found by a look at several places of one kind.</summary>
    public bool Of(string kind, Func<ResourceStoreUnknown, UnknownScope?> find) => Concerns(kind) && !UnknownScope.AreAlike(find(before), find(after));
}
