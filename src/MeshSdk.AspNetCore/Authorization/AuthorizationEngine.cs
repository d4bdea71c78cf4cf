using MeshSdk.Model;

namespace MeshSdk.AspNetCore.Authorization;

/// <summary>Decides whether a call is allowed.</summary>
internal static class AuthorizationEngine
{
    public static AuthorizationVerdict Decide(AuthorizationModel policies, in InboundCall call) =>
        policies.Denials.IsEmpty && policies.Allowances is null ? AuthorizationVerdict.Allowed : throw new NotImplementedException(call.Method);
}

/// <param name="IsAllowed">Whether it is.</param>
/// <param name="Policy">That which has decided it, for people; null: none had to.</param>
internal readonly record struct AuthorizationVerdict(bool IsAllowed, string? Policy)
{
    public static AuthorizationVerdict Allowed => new(true, null);
}
