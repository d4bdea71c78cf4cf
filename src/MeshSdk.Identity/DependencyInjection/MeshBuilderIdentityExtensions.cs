using MeshSdk;
using MeshSdk.Identity.Istiod;
using MeshSdk.Identity.Spiffe;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Gives the mesh of an application its identity by the SPIFFE Workload API or by istiod.</summary>
public static class MeshBuilderIdentityExtensions
{
    /// <summary>
    /// Where no source is configured and no PEM files are found, takes the SPIFFE Workload API where <c>SPIFFE_ENDPOINT_SOCKET</c> is set, else istiod where
    /// <c>CA_ADDR</c> is. May be called more than once.
    /// </summary>
    /// <param name="builder">The mesh.</param>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static MeshBuilder UseWorkloadIdentity(this MeshBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ICertificateSourceDetector, SpiffeDetector>());
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ICertificateSourceDetector, IstiodDetector>());
        return builder;
    }

    /// <summary>Takes the SPIFFE Workload API, whatever else there is to be found.</summary>
    /// <param name="builder">The mesh.</param>
    /// <param name="configure">What is other than usual.</param>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static MeshBuilder UseSpiffe(this MeshBuilder builder, Action<MeshSpiffeOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new MeshSpiffeOptions();
        configure?.Invoke(options);
        return Use(builder, time => WorkloadIdentity.FromSpiffe(options, time));
    }

    /// <summary>Takes istiod, or an authority that speaks its protocol, whatever else there is to be found.</summary>
    /// <param name="builder">The mesh.</param>
    /// <param name="configure">What is other than usual.</param>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static MeshBuilder UseIstiod(this MeshBuilder builder, Action<MeshIstiodOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new MeshIstiodOptions();
        configure?.Invoke(options);
        return Use(builder, time => WorkloadIdentity.FromIstiod(options, time));
    }

    private static MeshBuilder Use(MeshBuilder builder, Func<TimeProvider?, ICertificateSource> source)
    {
        builder.Services.AddOptions<MeshOptions>().Configure<IServiceProvider>(
            (options, services) => options.Identity.Source = source(services.GetService<TimeProvider>()));
        return builder;
    }
}
