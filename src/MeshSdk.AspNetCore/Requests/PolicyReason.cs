using MeshSdk.AspNetCore.Authorization;
using MeshSdk.Model;

namespace MeshSdk.AspNetCore.Requests;

/// <summary>Why the policies have refused a request, made into a text only where that is told: callers decide how often they are refused.</summary>
/// <param name="Policies">By which it was decided.</param>
/// <param name="Verdict">That it may not go on.</param>
internal readonly record struct PolicyReason(AuthorizationModel Policies, AuthorizationVerdict Verdict)
{
    private const int MostNames = 5;

    public override string ToString()
    {
        if (Verdict.Policy is { } policy)
        {
            return $"{policy} refuses it by spec.rules[{Verdict.Rule}]";
        }

        var allowances = Policies.Allowances ?? [];
        var names = string.Join(", ", allowances.Take(MostNames).Select(static one => one.Policy[(one.Policy.LastIndexOf(' ') + 1)..]));
        return allowances.Length switch
        {
            1 => $"the ALLOW policy {names} does not match it",
            <= MostNames => $"none of the ALLOW policies {names} matches it",
            var count => $"none of the ALLOW policies {names} and {count - MostNames} more matches it",
        };
    }
}
