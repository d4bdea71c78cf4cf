using System.Collections.Immutable;
using MeshSdk.Security.Sources;

namespace MeshSdk.Runtime;

/// <summary>A directory in which agents and drivers put an identity as PEM files.</summary>
/// <param name="Directory">Where it is.</param>
/// <param name="IsForNothingElse">Whether its being there at all says that an identity is meant.</param>
internal sealed record IdentityPlace(string Directory, bool IsForNothingElse = true)
{
    /// <summary>In the order in which they are looked at.</summary>
    public static ImmutableArray<IdentityPlace> All { get; } =
    [
        new("/var/run/secrets/workload-spiffe-credentials"),
        new("/etc/certs", IsForNothingElse: false),
        new("/var/lib/istio/data"),
        new("/var/run/secrets/spiffe.io"),
    ];

    /// <summary>Whether the files are there.</summary>
    public bool HasFiles => PemDirectory.IsComplete(Directory);

    /// <summary>
    /// Whether they are still to come: what they go into has been mounted, or some of them are there. A directory that others use too, and that holds nothing of
    /// an identity, says nothing.
    /// </summary>
    public bool AwaitsFiles
    {
        get
        {
            try
            {
                return System.IO.Directory.Exists(Directory)
                    && (IsForNothingElse
                        || PemLayout.All.Any(layout => layout.MissingIn(Directory).Length < layout.Names.Length)
                        || !System.IO.Directory.EnumerateFileSystemEntries(Directory).Any());
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is there, and what is in it is kept from this process: somebody has meant something by it.
                return true;
            }
        }
    }
}
