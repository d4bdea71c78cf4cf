using MeshSdk;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets clients of <see cref="IHttpClientFactory"/> take part in the mesh.</summary>
public static class MeshHttpClientBuilderExtensions
{
    /// <summary>
    /// Routes the client's calls to mesh services by the mesh's configuration; calls to any other host go where they went before. Works in any order
    /// with the other calls on the builder, and on the builder of <c>ConfigureHttpClientDefaults</c>. Needs <c>AddMesh()</c>.
    /// </summary>
    /// <param name="builder">The client.</param>
    /// <param name="configure">What is special about this client.</param>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IHttpClientBuilder AddMeshRouting(this IHttpClientBuilder builder, Action<MeshClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddMesh();
        return builder.ConfigureMeshClient(options =>
        {
            options.Enabled = true;
            configure?.Invoke(options);
        });
    }

    /// <summary>Takes a client out that <c>ConfigureHttpClientDefaults(b => b.AddMeshRouting())</c> has taken in, before or after this call.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IHttpClientBuilder RemoveMeshRouting(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ConfigureMeshClient(static options => options.Enabled = false);
    }

    // The builder of the defaults has no name: what it says is for every client, and what a client says itself comes after it, whichever
    // was registered first.
    private static IHttpClientBuilder ConfigureMeshClient(this IHttpClientBuilder builder, Action<MeshClientOptions> configure)
    {
        if (builder.Name is { } name)
        {
            builder.Services.PostConfigure(name, configure);
        }
        else
        {
            builder.Services.ConfigureAll(configure);
        }

        return builder;
    }
}
