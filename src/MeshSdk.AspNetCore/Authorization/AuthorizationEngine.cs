using System.Collections.Immutable;
using MeshSdk.Model;

namespace MeshSdk.AspNetCore.Authorization;

/// <summary>Decides whether a call is allowed. Takes no lock and allocates nothing.</summary>
internal static class AuthorizationEngine
{
    public static AuthorizationVerdict Decide(AuthorizationModel policies, in InboundCall call) =>
        policies.AllowsEveryone ? AuthorizationVerdict.Allowed : Judge(policies, call);

    private static AuthorizationVerdict Judge(AuthorizationModel policies, in InboundCall call)
    {
        using var path = new PathSight(call, policies.Normalization);
        var sight = new CallSight(call, path);
        foreach (var policy in policies.Denials)
        {
            if (Find(policy.Rules, sight, mustBeSure: false) is { } rule)
            {
                return new(false, policy.Policy, rule.Index);
            }
        }

        if (policies.Allowances is not { } allowances)
        {
            return AuthorizationVerdict.Allowed;
        }

        foreach (var policy in allowances)
        {
            if (Find(policy.Rules, sight, mustBeSure: true) is { } rule)
            {
                return new(true, policy.Policy, rule.Index);
            }
        }

        return AuthorizationVerdict.NotAllowed;
    }

    private static AuthorizationRule? Find(ImmutableArray<AuthorizationRule> rules, in CallSight sight, bool mustBeSure)
    {
        foreach (var rule in rules)
        {
            if (sight.Matches(rule, mustBeSure))
            {
                return rule;
            }
        }

        return null;
    }
}
