using MeshSdk;
using MeshSdk.AspNetCore.Identity;
using Microsoft.AspNetCore.Authorization;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Lets endpoints ask for callers of the mesh.</summary>
public static class MeshAuthorizationPolicyBuilderExtensions
{
    /// <summary>
    /// Lets in callers alone that have proved by mutual TLS that they are one of <paramref name="ids"/>; everybody else, and plaintext, is answered
    /// 403. Needs no authentication scheme, and leads to no challenge and no redirect where there are some. It holds beside what else a policy
    /// requires, and beside the AuthorizationPolicies of the mesh, which come first. Where a sidecar stands before the process nobody is let in,
    /// since nothing is proved to the process itself.
    /// </summary>
    /// <param name="builder">The policy.</param>
    /// <param name="ids">SPIFFE IDs, <c>spiffe://cluster.local/ns/shop/sa/web</c>, compared exactly. At least one.</param>
    /// <exception cref="ArgumentException">One is no SPIFFE ID, or there is none.</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static AuthorizationPolicyBuilder RequireSpiffeId(this AuthorizationPolicyBuilder builder, params string[] ids)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Length == 0)
        {
            throw new ArgumentException("at least one SPIFFE ID has to be given; RequireMeshPeer() takes any", nameof(ids));
        }

        return builder.AddRequirements(new SpiffeIdRequirement(
            [.. ids.Select(static id => SpiffeId.TryParse(id, out var parsed) ? parsed : throw new ArgumentException(Wrong(id), nameof(ids)))]));
    }

    /// <summary>As <see cref="RequireSpiffeId"/>, for any caller that has an identity that this process listens to.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static AuthorizationPolicyBuilder RequireMeshPeer(this AuthorizationPolicyBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddRequirements(new SpiffeIdRequirement(null));
    }

    private static string Wrong(string? id) =>
        id is not null && !id.StartsWith("spiffe://", StringComparison.Ordinal) && SpiffeId.TryParse($"spiffe://{id}", out _)
            ? $"'{id}' is how Istio's policies write it; here it is 'spiffe://{id}'"
            : id?.Contains('*', StringComparison.Ordinal) == true ? $"'{id}' has a wildcard, and SPIFFE IDs are compared exactly"
            : $"'{id}' is no SPIFFE ID, such as spiffe://cluster.local/ns/shop/sa/web";
}
