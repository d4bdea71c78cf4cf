using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>A destination rule that somebody may have meant for a service, and what became of it.</summary>
/// <param name="Applies">Whether it is one of those that make the policy of the service.</param>
/// <param name="Reason">Why it does not apply, or why its traffic policy counts for nothing though it does; null where all is as its author meant it.</param>
internal sealed record RuleCandidate(DestinationRule Rule, bool Applies, string? Reason);

/// <summary>
/// Tells people which destination rules decide about a service and why others do not. What applies is for <see cref="PolicyResolver"/> to say; the reasons
/// follow the same search step by step.
/// </summary>
internal sealed class RuleCandidates(CallerContext caller, ResourceStoreRules rules, ResourceStoreUnknown unknown)
{
    private readonly PolicyResolver _resolver = new(caller, rules, unknown);

    /// <summary>Those that apply, in the order in which they count, then the others by namespace and name.</summary>
    /// <param name="service">Whose policy is asked for.</param>
    /// <param name="host">Its fully qualified name.</param>
    public ImmutableArray<RuleCandidate> Of(ServiceId service, string host)
    {
        var applied = _resolver.Select(service.Namespace, host);
        var decisive = applied.FirstOrDefault(static rule => rule.Spec.TrafficPolicy is not null);
        var lost = new LostRuleReason(caller, rules, service, host, applied.FirstOrDefault());
        return
        [
            .. applied.Select(rule => new RuleCandidate(rule, Applies: true, ReasonBeside(rule, decisive))),
            .. rules.All
                .Where(rule => !applied.Contains(rule, ReferenceEqualityComparer.Instance) && (lost.IsMeant(rule) || lost.MayBeMeant(rule)))
                .OrderBy(static rule => rule.Metadata.Namespace, StringComparer.Ordinal)
                .ThenBy(static rule => rule.Metadata.Name, StringComparer.Ordinal)
                .Select(rule => new RuleCandidate(rule, Applies: false, lost.Of(rule))),
        ];
    }

    /// <summary>No field is merged: the first rule that has a traffic policy gives the whole of it.</summary>
    private static string? ReasonBeside(DestinationRule rule, DestinationRule? decisive) =>
        rule.Spec.TrafficPolicy is null || ReferenceEquals(rule, decisive)
            ? null
            : $"{decisive} is older, or first by name, and gives the whole traffic policy";
}
