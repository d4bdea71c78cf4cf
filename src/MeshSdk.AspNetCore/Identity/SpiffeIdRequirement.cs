using System.Collections.Frozen;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Filters;

namespace MeshSdk.AspNetCore.Identity;

/// <summary>
/// The caller is one of these, proved by mutual TLS. It is met by the connection alone: neither the user of the request nor how users are authenticated is
/// looked at. It handles itself, so that nothing needs to be registered for it.
/// </summary>
/// <param name="ids">Null: any caller that has an identity.</param>
internal sealed class SpiffeIdRequirement(IEnumerable<SpiffeId>? ids) : AuthorizationHandler<SpiffeIdRequirement>, IAuthorizationRequirement
{
    private readonly FrozenSet<SpiffeId>? _ids = ids?.ToFrozenSet();

    public bool IsMetBy(HttpContext context) => context.GetMeshPeer() is { } peer && (_ids is null || _ids.Contains(peer.Id));

    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, SpiffeIdRequirement requirement)
    {
        if (ContextOf(context.Resource) is { } http && requirement.IsMetBy(http))
        {
            context.Succeed(requirement);
        }

        return Task.CompletedTask;
    }

    /// <summary>As it is written in what ASP.NET Core logs of a requirement that is not met.</summary>
    public override string ToString() => _ids is null ? "a caller with a mesh identity" : $"a caller that is {string.Join(" or ", _ids)}";

    // What endpoints, filters of MVC and the application itself put there. Who calls is not known of anything else, and then nobody is let in.
    private static HttpContext? ContextOf(object? resource) => resource switch
    {
        HttpContext context => context,
        FilterContext filter => filter.HttpContext,
        _ => null,
    };
}
