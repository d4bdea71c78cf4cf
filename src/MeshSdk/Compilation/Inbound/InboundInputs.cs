using System.Collections.Immutable;
using System.Text.Json;
using MeshSdk.Compilation.Policies;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Inbound;

/// <summary>All that the model of the server half is made from: what is the same gives the same model, however often anything else in the mesh changes.</summary>
/// <param name="View">From where the mesh is looked at, with the labels of the own pod as far as they are known.</param>
/// <param name="Labels">The same; null: they are not known.</param>
/// <param name="IsAdvertised">See <see cref="InboundModel.IsAdvertised"/>.</param>
/// <param name="Unknown">What cannot be told of what is asked; null where all can.</param>
internal sealed record InboundInputs(MeshViewpoint View, Dictionary<string, string>? Labels, bool? IsAdvertised, UnknownMatter? Unknown)
{
    private static readonly Dictionary<string, string> NoLabels = [];

    /// <summary>Those of the root namespace and of the own one, each the oldest first; of one namespace where the two are the same.</summary>
    public required PolicyPair<PeerAuthentication> Peers { get; init; }

    /// <inheritdoc cref="Peers"/>
    public required PolicyPair<AuthorizationPolicy> Authorizations { get; init; }

    /// <inheritdoc cref="Peers"/>
    public required PolicyPair<RequestAuthentication> Requests { get; init; }

    public LocalProxy Proxy => View.Settings.Proxy;

    public static InboundInputs Of(ResourceStore store, MeshViewpoint view, OwnPod pod)
    {
        pod.Find(store);

        // Not those of the pod that is there now, which may be gone already.
        view = view with { Caller = view.Caller with { Labels = pod.Labels ?? NoLabels, KnowsAllLabels = pod.KnowsAllLabels } };
        var (own, root) = (view.Caller.Namespace, view.Caller.RootNamespace);
        var unknown = new UnknownResolver(store, view.Caller);
        if (unknown.IsMeshConfigUnread)
        {
            view = view with { Settings = view.Settings with { PathNormalization = PathNormalization.Unknown } };
        }

        return new(view, pod.Labels, pod.IsAdvertised, unknown.Inbound(own) ?? Hidden(view))
        {
            Peers = PolicyPair.Of(store.Peers, root, own),
            Authorizations = PolicyPair.Of(store.Authorizations, root, own),
            Requests = PolicyPair.Of(store.RequestAuthentications, root, own),
        };
    }

    // It was read, and cannot be made sense of, and there was no better version before it.
    private static UnknownMatter? Hidden(MeshViewpoint view) =>
        view is { Config: not null, Refused: null, Caller: not { StatesRootNamespace: true, StatesTrustDomain: true } }
        && view.Diagnostics.Any(MeshConfigReader.HidesWhoCounts)
            ? new(
                $"it cannot be told from the ConfigMap {view.Config} which root namespace and trust domain the mesh has",
                $"mend it; or state Mesh:{nameof(MeshOptions.RootNamespace)} and Mesh:{nameof(MeshOptions.TrustDomain)}")
            : null;

    /// <summary>Whether nothing at all has been touched.</summary>
    public bool IsSame(InboundInputs other) => Unknown == other.Unknown && IsAlikeBeside(other) && Peers == other.Peers && Authorizations == other.Authorizations && Requests == other.Requests;

    /// <summary>Whether they say the same, wherever that is written down, whatever else is noted on it, and why ever something is not known.</summary>
    public bool IsAlike(InboundInputs other) => IsAlikeBeside(other)
        && Peers.IsAlike(other.Peers, static (left, right) => AreAlike(left.Spec, right.Spec))
        && Authorizations.IsAlike(other.Authorizations, static (left, right) => AreAlike(left.Spec, right.Spec))
        && Requests.IsAlike(other.Requests, static (left, right) => AreAlike(left.Spec.Selector, right.Spec.Selector)
            && AreAlike(left.Spec.TargetRef, right.Spec.TargetRef) && AreAlike(left.Spec.TargetRefs, right.Spec.TargetRefs));

    private bool IsAlikeBeside(InboundInputs other) =>
        UnknownMatter.AreAlike(Unknown, other.Unknown)
        && IsAdvertised == other.IsAdvertised
        && AreAlike(Labels, other.Labels)
        && View.Caller.KnowsAllLabels == other.View.Caller.KnowsAllLabels
        && (ReferenceEquals(View.Settings, other.View.Settings)
            || (View.Settings with { TrustDomainAliases = [] } == other.View.Settings with { TrustDomainAliases = [] }
                && View.Settings.TrustDomainAliases.SequenceEqual(other.View.Settings.TrustDomainAliases)))
        && View.Caller.RootNamespace == other.View.Caller.RootNamespace;

    private static bool AreAlike(PeerAuthenticationSpec left, PeerAuthenticationSpec right) =>
        AreAlike(left.Selector, right.Selector) && left.Mtls == right.Mtls && left.PortLevelMtls?.Count == right.PortLevelMtls?.Count
        && (left.PortLevelMtls ?? []).All(port => right.PortLevelMtls!.TryGetValue(port.Key, out var other) && port.Value == other);

    private static bool AreAlike(WorkloadSelector? left, WorkloadSelector? right) => AreAlike(left?.MatchLabels, right?.MatchLabels);

    private static bool AreAlike(JsonElement? left, JsonElement? right) =>
        left is { } one && right is { } other ? JsonElement.DeepEquals(one, other) : left is null && right is null;

    internal static bool AreAlike(Dictionary<string, string>? left, Dictionary<string, string>? right) =>
        ReferenceEquals(left, right) || (left is not null && right is not null && ResourceStorePods.SameLabels(left, right));
}

/// <summary>The policies of a kind that may be for the own pod.</summary>
/// <param name="Root">For the whole mesh.</param>
/// <param name="Own">Of the own namespace; none where that is the root namespace.</param>
internal readonly record struct PolicyPair<TPolicy>(ImmutableArray<TPolicy> Root, ImmutableArray<TPolicy> Own)
    where TPolicy : Resource
{
    public IEnumerable<TPolicy> All => Root.Concat(Own);

    public bool IsAlike(PolicyPair<TPolicy> other, Func<TPolicy, TPolicy, bool> saySame) => AreAlike(Root, other.Root, saySame) && AreAlike(Own, other.Own, saySame);

    private static bool AreAlike(ImmutableArray<TPolicy> left, ImmutableArray<TPolicy> right, Func<TPolicy, TPolicy, bool> saySame) =>
        left == right || (left.Length == right.Length && left.Zip(right).All(pair => ReferenceEquals(pair.First, pair.Second)
            || (pair.First.Key == pair.Second.Key
                && InboundInputs.AreAlike(pair.First.Metadata.Labels, pair.Second.Metadata.Labels)
                && InboundInputs.AreAlike(pair.First.Metadata.Annotations, pair.Second.Metadata.Annotations)
                && saySame(pair.First, pair.Second))));
}

/// <inheritdoc cref="PolicyPair{TPolicy}"/>
internal static class PolicyPair
{
    public static PolicyPair<TPolicy> Of<TPolicy>(ResourceStoreNamespaced<TPolicy> all, string root, string own)
        where TPolicy : Resource =>
        new(all.In(root), own == root ? [] : all.In(own));
}
