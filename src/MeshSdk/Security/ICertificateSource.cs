namespace MeshSdk;

/// <summary>
/// Where the identity of this process comes from: files that an agent keeps fresh, the SPIFFE Workload API, a certificate authority. Implement it for a
/// source of your own, and give it to <see cref="MeshIdentityOptions.Source"/>.
/// </summary>
public interface ICertificateSource
{
    /// <summary>What it is, for logs and errors, as in <c>PEM files in /etc/certs</c>. Holds no secret.</summary>
    string Name { get; }

    /// <summary>
    /// Delivers the identity, and each one that takes its place, until it is cancelled. Called once for each mesh. A source that can deliver nothing for now
    /// says so by <see cref="ICertificateSink.Failed"/> and tries again by itself; what it throws ends it, and the last identity then holds until it expires.
    /// </summary>
    /// <param name="sink">Where it delivers.</param>
    /// <param name="cancellationToken">The mesh goes away.</param>
    Task RunAsync(ICertificateSink sink, CancellationToken cancellationToken);
}
