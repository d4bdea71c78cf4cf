namespace MeshSdk;

/// <summary>
/// Looks whether this process has its identity from somewhere that MeshSdk itself cannot read: how a package adds a source that is found without being
/// configured. Register it as a service, or with <see cref="MeshIdentityOptions.AddDetector"/>. Detectors are asked in the order in which they were
/// added, once for each mesh, after the PEM files and <c>GRPC_XDS_BOOTSTRAP</c>, and only where no source is configured and
/// <see cref="MeshIdentityOptions.Detect"/> allows it; the first that finds something counts.
/// </summary>
public interface ICertificateSourceDetector
{
    /// <summary>
    /// Gives the source, where there is one. Called while the mesh is made, and quick for that: it looks at variables and for files, and leaves the rest to
    /// the source. What can be told to be meant and cannot be used is a source that fails, and not null: a process without a source sends in plaintext.
    /// </summary>
    /// <param name="context">What is found around the mesh.</param>
    /// <returns>
    /// Null: there is none of this sort. The mesh disposes of a source that can be disposed of (<see cref="IAsyncDisposable"/> or <see cref="IDisposable"/>).
    /// What is thrown makes the mesh one whose identity source fails.
    /// </returns>
    ICertificateSource? Detect(CertificateSourceContext context);
}
