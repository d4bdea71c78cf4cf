using MeshSdk.Identity.Istiod;
using MeshSdk.Identity.Spiffe;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshSdk;

/// <summary>
/// Identities from the SPIFFE Workload API and from istiod, for a mesh that is made without dependency injection. With it, see <c>UseWorkloadIdentity()</c>.
/// </summary>
public static class WorkloadIdentity
{
    /// <summary>
    /// Where no source is configured and no PEM files are found, takes the SPIFFE Workload API where <c>SPIFFE_ENDPOINT_SOCKET</c> is set, else istiod where
    /// <c>CA_ADDR</c> is.
    /// </summary>
    /// <param name="options">Those of the mesh, <see cref="MeshOptions.Identity"/>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is null.</exception>
    public static void AddWorkloadIdentity(this MeshIdentityOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.AddDetector(new SpiffeDetector());
        options.AddDetector(new IstiodDetector());
    }

    /// <summary>A source for <see cref="MeshIdentityOptions.Source"/>: the SPIFFE Workload API.</summary>
    /// <param name="options">What is other than usual.</param>
    /// <param name="time">The clock of the mesh; null: the system's.</param>
    public static ICertificateSource FromSpiffe(MeshSpiffeOptions? options = null, TimeProvider? time = null) =>
        SpiffeDetector.SourceOf(options ?? new(), Around(time));

    /// <summary>A source for <see cref="MeshIdentityOptions.Source"/>: istiod, or an authority that speaks its protocol.</summary>
    /// <param name="options">What is other than usual.</param>
    /// <param name="time">The clock of the mesh; null: the system's.</param>
    /// <exception cref="ArgumentException"><see cref="MeshIstiodOptions.CertificateLifetime"/> is out of its range.</exception>
    public static ICertificateSource FromIstiod(MeshIstiodOptions? options = null, TimeProvider? time = null) =>
        IstiodDetector.SourceOf(options ?? new(), Around(time));

    private static CertificateSourceContext Around(TimeProvider? time) =>
        new(Environment.GetEnvironmentVariable, time ?? TimeProvider.System, NullLoggerFactory.Instance);
}
