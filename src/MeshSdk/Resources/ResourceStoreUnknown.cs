using System.Collections.Immutable;

namespace MeshSdk.Resources;

/// <summary>What the sources cannot know at present. Immutable; the store holds the one that counts.</summary>
internal sealed class ResourceStoreUnknown
{
    private readonly Dictionary<(string Kind, string? Namespace), ImmutableArray<UnknownScope>> _scopes = [];

    public ResourceStoreUnknown(IEnumerable<UnknownScope> scopes)
    {
        foreach (var scope in scopes)
        {
            var key = (scope.Kind, scope.Namespace);
            _scopes[key] = _scopes.GetValueOrDefault(key, []).Add(scope);
            HasPolicies |= scope.Kind is "DestinationRule" or "BackendTLSPolicy";
        }
    }

    public static ResourceStoreUnknown Nothing { get; } = new([]);

    public bool IsEmpty => _scopes.Count == 0;

    /// <summary>Whether policies for backends are among it, so that what is known of one policy may decide about another.</summary>
    public bool HasPolicies { get; }

    /// <summary>Why it cannot be told which objects of a kind there are in a namespace; null where it can. One that cannot be told is enough.</summary>
    public UnknownScope? Find(string kind, string @namespace) =>
        IsEmpty ? null : First(kind, @namespace, static (_, _) => true, "") ?? First(kind, null, static (_, _) => true, "");

    /// <summary>The same for the objects that belong to one service.</summary>
    public UnknownScope? Find(string kind, string @namespace, string service) =>
        IsEmpty ? null : First(kind, @namespace, Concerns, service) ?? First(kind, null, Concerns, service);

    /// <summary>The kinds of which something is known here and not there, or the other way round. Other reasons for the same are no difference.</summary>
    public HashSet<string> KindsUnlike(ResourceStoreUnknown other) =>
        [.. _scopes.Keys.Union(other._scopes.Keys).Where(key => !AreAlike(_scopes.GetValueOrDefault(key, []), other._scopes.GetValueOrDefault(key, []))).Select(static key => key.Kind)];

    private static bool AreAlike(ImmutableArray<UnknownScope> one, ImmutableArray<UnknownScope> other)
    {
        var same = one.Length == other.Length;
        for (var i = 0; same && i < one.Length; i++)
        {
            same = UnknownScope.AreAlike(one[i], other[i]);
        }

        return same;
    }

    private static bool Concerns(UnknownScope scope, string service) => scope.Name is null || scope.Name == service;

    private UnknownScope? First(string kind, string? @namespace, Func<UnknownScope, string, bool> concerns, string service)
    {
        foreach (var scope in _scopes.GetValueOrDefault((kind, @namespace), []))
        {
            if (concerns(scope, service))
            {
                return scope;
            }
        }

        return null;
    }
}
