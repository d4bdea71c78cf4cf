using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Inbound;

/// <summary>All that an <see cref="AuthorizationModel"/> is made from.</summary>
internal sealed record AuthorizationInputs(
    ImmutableArray<AuthorizationPolicy> Root,
    ImmutableArray<AuthorizationPolicy> Own,
    IReadOnlyDictionary<string, string> Labels,
    bool KnowsAllLabels,
    string TrustDomain,
    ImmutableArray<string> Aliases,
    PathNormalization Normalization)
{
    public static AuthorizationInputs Of(ResourceStore store, MeshViewpoint view)
    {
        var caller = view.Caller;
        return new(
            store.Authorizations.In(caller.RootNamespace),
            caller.Namespace == caller.RootNamespace ? [] : store.Authorizations.In(caller.Namespace),
            caller.Labels,
            caller.KnowsAllLabels,
            caller.TrustDomain,
            view.Settings.TrustDomainAliases,
            view.Settings.PathNormalization);
    }

    /// <summary>Policies are compared by the array that holds them, which is another one after each change.</summary>
    public bool IsSame(AuthorizationInputs other) =>
        IsSame(Root, other.Root)
        && IsSame(Own, other.Own)
        && ReferenceEquals(Labels, other.Labels)
        && KnowsAllLabels == other.KnowsAllLabels
        && TrustDomain == other.TrustDomain
        && Aliases.SequenceEqual(other.Aliases)
        && Normalization == other.Normalization;

    // Empty ones are not always the same.
    private static bool IsSame(ImmutableArray<AuthorizationPolicy> left, ImmutableArray<AuthorizationPolicy> right) =>
        left == right || (left.IsEmpty && right.IsEmpty);
}
