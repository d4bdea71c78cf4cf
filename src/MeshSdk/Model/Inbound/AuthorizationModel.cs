using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>Who may call this process for what: what one of the denials matches is refused, and where there are allowances all that none of them matches.</summary>
/// <param name="Denials">In order.</param>
/// <param name="Allowances">In order; null: everyone is allowed.</param>
internal sealed record AuthorizationModel(ImmutableArray<AuthorizationRules> Denials, ImmutableArray<AuthorizationRules>? Allowances)
{
    public static AuthorizationModel Everyone { get; } = new([], null);

    /// <summary>Whether no call has to be looked at.</summary>
    public bool AllowsEveryone => Denials.IsEmpty && Allowances is null;

    /// <summary>What is done to paths before rules look at them.</summary>
    public PathNormalization Normalization { get; init; } = PathNormalization.Base;
}

/// <summary>The rules of one policy, of which one has to match.</summary>
/// <param name="Policy">Which it is, for people.</param>
/// <param name="Rules">In order; none match nothing.</param>
internal sealed record AuthorizationRules(string Policy, ImmutableArray<AuthorizationRule> Rules)
{
    /// <summary>Another one where the policy says something else than it did, for reports of what has changed.</summary>
    public int Fingerprint { get; init; }
}

/// <summary>One rule: matches where all of its three parts do.</summary>
/// <param name="Index">Its place among the rules as they are written, from zero.</param>
internal sealed record AuthorizationRule(int Index)
{
    /// <summary>Of which one has to match; none: any caller does.</summary>
    public ImmutableArray<CallerMatch> Callers { get; init; } = [];

    /// <summary>Of which one has to match; none: any call does.</summary>
    public ImmutableArray<CallMatch> Calls { get; init; } = [];

    /// <summary>Further demands on the caller, all of which have to be met.</summary>
    public ImmutableArray<CallerMatch> CallerConditions { get; init; } = [];

    /// <summary>Further demands on the call, all of which have to be met.</summary>
    public ImmutableArray<CallMatch> CallConditions { get; init; } = [];
}
