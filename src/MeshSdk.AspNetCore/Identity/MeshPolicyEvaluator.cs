using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.AspNetCore.Identity;

/// <summary>
/// Has a caller refused where a policy asks for another one. ASP.NET Core would challenge it: for credentials of a user, by a redirect to a page to
/// sign in, or by an exception where no scheme is there to do so. None of these would help.
/// </summary>
/// <remarks>
/// It stands where a policy is evaluated, and not where its result is handled, since the latter is what applications replace; theirs is told that
/// the request is forbidden, and may answer that as it likes.
/// </remarks>
internal sealed class MeshPolicyEvaluator(IPolicyEvaluator inner) : IPolicyEvaluator
{
    public Task<AuthenticateResult> AuthenticateAsync(AuthorizationPolicy policy, HttpContext context) => inner.AuthenticateAsync(policy, context);

    public async Task<PolicyAuthorizationResult> AuthorizeAsync(
        AuthorizationPolicy policy, AuthenticateResult authenticationResult, HttpContext context, object? resource)
    {
        var result = await inner.AuthorizeAsync(policy, authenticationResult, context, resource).ConfigureAwait(false);
        if (result.Succeeded || policy.Requirements.OfType<SpiffeIdRequirement>().ToList() is not { Count: > 0 } asked)
        {
            return result;
        }

        if (asked.TrueForAll(one => one.IsMetBy(context)) && await HasSchemeAsync(policy, context).ConfigureAwait(false))
        {
            // It is something else that is missing, which the application has a way to ask for.
            return result;
        }

        context.RequestServices = new ForbiddingServices(context.RequestServices);
        return PolicyAuthorizationResult.Forbid(result.AuthorizationFailure ?? AuthorizationFailure.Failed(asked));
    }

    private static async Task<bool> HasSchemeAsync(AuthorizationPolicy policy, HttpContext context) =>
        policy.AuthenticationSchemes.Count > 0
        || (context.RequestServices.GetService(typeof(IAuthenticationSchemeProvider)) is IAuthenticationSchemeProvider schemes
            && await schemes.GetDefaultForbidSchemeAsync().ConfigureAwait(false) is not null);
}
