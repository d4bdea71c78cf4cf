using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>Who may call this process for what: what one of the denials matches is refused, and where there are allowances all that none of them matches.</summary>
/// <param name="Denials">In order.</param>
/// <param name="Allowances">In order; null: everyone is allowed.</param>
internal sealed record AuthorizationModel(ImmutableArray<AuthorizationRules> Denials, ImmutableArray<AuthorizationRules>? Allowances)
{
    public static AuthorizationModel Everyone { get; } = new([], null);
}

/// <summary>The rules of one policy, of which one has to match.</summary>
/// <param name="Policy">Which it is, for people.</param>
internal sealed record AuthorizationRules(string Policy);
