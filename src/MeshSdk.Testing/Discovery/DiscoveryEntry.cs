using System.Collections.Immutable;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Discovery;

/// <summary>What discovery tells of a kind in a version.</summary>
internal sealed record DiscoveryEntry(
    string Group, string Version, string Kind, string Plural, string Singular, bool IsNamespaced, ImmutableArray<string> ShortNames,
    ImmutableArray<string> Categories, ImmutableArray<string> Verbs, ImmutableArray<DiscoverySubresource> Subresources)
{
    private static readonly ImmutableArray<string> AllVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    private static readonly ImmutableArray<string> Create = ["create"];

    /// <summary>Those that have no objects: questions that are asked by creating them.</summary>
    private static readonly DiscoveryEntry[] Reviews =
    [
        Review("authentication.k8s.io", "SelfSubjectReview"),
        Review("authorization.k8s.io", "SelfSubjectAccessReview"),
        Review("authorization.k8s.io", "SelfSubjectRulesReview"),
    ];

    public static IReadOnlyList<DiscoveryEntry> All(IObjectSemantics semantics) => [.. semantics.Types.Select(Of), .. Reviews];

    private static DiscoveryEntry Of(ResourceType type) => new(
        type.Group, type.Version, type.Kind, type.Plural, type.Singular, type.IsNamespaced, type.ShortNames, type.Categories, AllVerbs,
        [.. SubresourcesOf(type)]);

    private static IEnumerable<DiscoverySubresource> SubresourcesOf(ResourceType type)
    {
        if (type.HasStatus)
        {
            yield return new("status", type.Group, type.Version, type.Kind, ["get", "patch", "update"]);
        }

        if (type is { Group: "", Plural: "namespaces" })
        {
            yield return new("finalize", "", "v1", "Namespace", ["update"]);
        }
        else if (type is { Group: "", Plural: "serviceaccounts" })
        {
            yield return new("token", "authentication.k8s.io", "v1", "TokenRequest", Create);
        }
    }

    private static DiscoveryEntry Review(string group, string kind) =>
        new(group, "v1", kind, kind.ToLowerInvariant() + "s", kind.ToLowerInvariant(), false, [], [], Create, []);
}

/// <param name="Group">Of the kind that is read and written there, which may be another than the resource's.</param>
internal sealed record DiscoverySubresource(string Name, string Group, string Version, string Kind, ImmutableArray<string> Verbs);
