using MeshSdk;
using MeshSdk.AspNetCore.Identity;
using Microsoft.AspNetCore.Authentication;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets callers of the mesh pass for users.</summary>
public static class MeshAuthenticationBuilderExtensions
{
    /// <summary>
    /// Adds an authentication scheme by which a caller that has proved by mutual TLS who it is becomes the user of its requests, with the claims of
    /// <see cref="MeshPeer.Principal"/>. A challenge, for which there is nothing to ask, and what is forbidden are 403. Where it is the only scheme
    /// it is also the default one, and any caller of the mesh passes <c>[Authorize]</c>.
    /// </summary>
    /// <param name="builder">The authentication of the application.</param>
    /// <param name="scheme">What the scheme is called.</param>
    /// <exception cref="ArgumentException"><paramref name="scheme"/> is empty.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static AuthenticationBuilder AddMeshPeer(this AuthenticationBuilder builder, string scheme = MeshPeerDefaults.AuthenticationScheme)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(scheme);
        return builder.AddScheme<AuthenticationSchemeOptions, MeshPeerHandler>(scheme, "Mesh identity", static _ => { });
    }
}
