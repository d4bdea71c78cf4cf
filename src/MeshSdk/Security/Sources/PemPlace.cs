using System.Collections.Immutable;

namespace MeshSdk.Security.Sources;

/// <summary>A directory in which the PEM files of an identity are, or may come to be.</summary>
internal sealed record PemPlace(string Directory)
{
    /// <summary>Where agents and drivers put them, in the order in which they are looked for.</summary>
    public static ImmutableArray<PemPlace> WellKnown { get; } =
    [
        new("/var/run/secrets/workload-spiffe-credentials"),
        Shared("/etc/certs"),
        new("/var/lib/istio/data"),
        new("/var/run/secrets/spiffe.io"),
    ];

    /// <summary>How they may be called there.</summary>
    public ImmutableArray<PemLayout> Layouts { get; init; } = PemLayout.All;

    /// <summary>Whether its being there at all says that an identity is meant.</summary>
    public bool IsForNothingElse { get; init; } = true;

    /// <summary>Whether the files are there.</summary>
    public bool HasFiles => Layouts.Any(layout => layout.MissingIn(Directory).IsEmpty);

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
                        || Layouts.Any(layout => layout.MissingIn(Directory).Length < layout.Names.Length)
                        || !System.IO.Directory.EnumerateFileSystemEntries(Directory).Any());
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It is there, and what is in it is kept from this process: somebody has meant something by it.
                return true;
            }
        }
    }

    /// <summary>One in which applications keep certificates of their own, too: only what istio-agent writes is an identity in the mesh there.</summary>
    public static PemPlace Shared(string directory) => new(directory) { Layouts = [PemLayout.All[0]], IsForNothingElse = false };
}
