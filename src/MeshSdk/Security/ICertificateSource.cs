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
    /// Delivers the identity, and each one that takes its place, until it is cancelled. A source that can deliver nothing for now says so by
    /// <see cref="ICertificateSink.Failed"/> and tries again by itself. Where it throws, or ends all the same, that is told as a failure and it is called again after
    /// a while, the longer the more often it has happened; the last identity holds meanwhile, until it expires. Never called twice at a time for one mesh.
    /// </summary>
    /// <param name="sink">Where it delivers.</param>
    /// <param name="cancellationToken">The mesh goes away.</param>
    Task RunAsync(ICertificateSink sink, CancellationToken cancellationToken);
}
