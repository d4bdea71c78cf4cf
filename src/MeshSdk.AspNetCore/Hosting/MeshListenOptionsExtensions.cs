using MeshSdk.AspNetCore;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>What single endpoints of a server of the mesh are to be.</summary>
public static class MeshListenOptionsExtensions
{
    /// <summary>
    /// Leads the connections of an endpoint through the mesh. <c>UseMeshIdentity()</c> of the web host does so for all of them, so that this is needed in an own
    /// <see cref="KestrelServerOptions.ConfigureEndpointDefaults"/> alone, which takes the place of that.
    /// </summary>
    /// <exception cref="ArgumentNullException"><paramref name="endpoint"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The web host is none of the mesh.</exception>
    public static ListenOptions UseMeshIdentity(this ListenOptions endpoint)
    {
        var server = ServerOf(endpoint);
        server.Endpoints.Join(endpoint, server);
        return endpoint;
    }

    /// <summary>
    /// Has an endpoint take plaintext from everyone whatever the mode and the policies say, and answer nothing but
    /// <see cref="MeshSdk.MeshServerOptions.PlaintextPaths"/>: for probes and metrics. For an endpoint of the configuration, <see cref="MeshSdk.MeshServerOptions.PlaintextPorts"/> does the same.
    /// </summary>
    /// <exception cref="ArgumentNullException"><paramref name="endpoint"/> is null.</exception>
    /// <exception cref="InvalidOperationException">The web host is none of the mesh.</exception>
    public static ListenOptions UseMeshPlaintext(this ListenOptions endpoint)
    {
        var server = ServerOf(endpoint);
        server.Endpoints.MarkPlaintext(endpoint);
        server.Endpoints.Join(endpoint, server);
        return endpoint;
    }

    private static MeshServer ServerOf(ListenOptions endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return endpoint.ApplicationServices?.GetService<MeshServer>()
            ?? throw new InvalidOperationException("the server is none of the mesh: call UseMeshIdentity() on the web host (builder.WebHost) too");
    }
}
