using MeshSdk.Security.Pem;

namespace MeshSdk.Security.Sources;

/// <summary>Where the PEM files of an identity are, found anew at each look: they may be late, and what leads to them may change.</summary>
internal abstract class PemLocation
{
    /// <summary>For logs and errors, as in <c>PEM files in /etc/certs</c>.</summary>
    public abstract string Name { get; }

    /// <summary>How often they are looked at where the system reports no change; null: as the source sees fit.</summary>
    public virtual TimeSpan? RefreshInterval => null;

    /// <summary>Directories in which changes may lead to other files, beside those that the files are in.</summary>
    public virtual IEnumerable<string> Directories => [];

    /// <exception cref="PemException">They cannot be told.</exception>
    public abstract PemFiles Find();
}
