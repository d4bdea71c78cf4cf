using System.Collections.Immutable;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Access;

/// <summary>One rule of a Role or ClusterRole.</summary>
internal sealed record RbacRule
{
    private const string Any = "*";

    public ImmutableArray<string> Verbs { get; init; } = [];

    /// <summary>The empty one is the core group.</summary>
    public ImmutableArray<string> Groups { get; init; } = [];

    /// <summary>With subresources after a slash.</summary>
    public ImmutableArray<string> Resources { get; init; } = [];

    /// <summary>Empty: all objects. Requests that name no object (create, list) are then not meant.</summary>
    public ImmutableArray<string> ResourceNames { get; init; } = [];

    public ImmutableArray<string> NonResourceUrls { get; init; } = [];

    public static RbacRule From(JsonObject rule) => new()
    {
        Verbs = rule.TextsAt("verbs"),

        // Here alone an empty text has a meaning.
        Groups = rule["apiGroups"] is JsonArray groups ? [.. groups.Select(item => item.TextAt() ?? "")] : [],
        Resources = rule.TextsAt("resources"),
        ResourceNames = rule.TextsAt("resourceNames"),
        NonResourceUrls = rule.TextsAt("nonResourceURLs"),
    };

    /// <summary>What the rule grants, piece by piece: each verb on each resource (or path) is one grant.</summary>
    public IEnumerable<RbacGrant> Grants =>
        Verbs.SelectMany(verb =>
            Groups.SelectMany(apiGroup => Resources.Select(resource => new RbacGrant(verb, apiGroup, resource)))
                .Concat(NonResourceUrls.Select(url => new RbacGrant(verb, "", url))));

    /// <summary>The grant that lets a request pass; null: none does.</summary>
    public RbacGrant? Grant(AccessRequest request)
    {
        var verb = Match(Verbs, candidate => candidate == Any || candidate == request.Verb);
        if (verb is null)
        {
            return null;
        }

        if (request.Resource is not { } resource)
        {
            return Match(NonResourceUrls, url => IsPathIn(request.Path, url)) is { } url ? new(verb, "", url) : null;
        }

        var group = Match(Groups, candidate => candidate == Any || candidate == request.Group);
        var matched = Match(Resources, candidate => IsResourceIn(resource, candidate));
        var isNamed = ResourceNames.IsEmpty || ResourceNames.Contains(request.Name);
        return group is not null && matched is not null && isNamed ? new(verb, group, matched) : null;
    }

    /// <summary><c>*</c> is every resource with its subresources, <c>*/status</c> one subresource of every resource.</summary>
    private static bool IsResourceIn(string resource, string candidate) =>
        candidate == Any
        || candidate == resource
        || (candidate.StartsWith("*/", StringComparison.Ordinal) && resource.IndexOf('/') is > 0 and var slash
            && resource.AsSpan(slash).SequenceEqual(candidate.AsSpan(1)));

    /// <summary>A star at the end stands for everything; elsewhere it is a star.</summary>
    private static bool IsPathIn(string path, string url) =>
        url.EndsWith('*') ? path.AsSpan().StartsWith(url.AsSpan(..^1), StringComparison.Ordinal) : url == path;

    private static string? Match(ImmutableArray<string> candidates, Func<string, bool> matches)
    {
        foreach (var candidate in candidates)
        {
            if (matches(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}

/// <summary>The smallest piece of a rule.</summary>
/// <param name="Resource">With its subresource; of rules for paths the path.</param>
internal readonly record struct RbacGrant(string Verb, string Group, string Resource)
{
    public override string ToString() => Group.Length == 0 ? $"{Verb} {Resource}" : $"{Verb} {Resource}.{Group}";
}
