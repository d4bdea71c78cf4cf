using MeshSdk.Security.Pem;

namespace MeshSdk.Security.Sources;

/// <summary>Directories of which one is to hold the files of an identity, in one of the known layouts. The first that does counts.</summary>
/// <param name="directories">One, or several of which it cannot yet be told in which the files will be.</param>
internal sealed class PemDirectory(params IEnumerable<string> directories) : PemLocation
{
    private readonly string[] _directories = [.. directories.Select(Path.GetFullPath)];

    public override string Name => $"PEM files in {string.Join(" or ", _directories)}";

    public override IEnumerable<string> Directories => _directories;

    /// <summary>Whether a directory holds all files of a layout.</summary>
    public static bool IsComplete(string directory) => PemLayout.All.Any(layout => layout.MissingIn(directory).IsEmpty);

    public override PemFiles Find()
    {
        foreach (var directory in _directories)
        {
            foreach (var layout in PemLayout.All)
            {
                if (layout.MissingIn(directory).IsEmpty)
                {
                    return layout.In(directory).WithRevocations();
                }
            }
        }

        throw new PemException(string.Join("; ", _directories.Select(Describe)));
    }

    private static string Describe(string directory)
    {
        if (!Directory.Exists(directory))
        {
            return $"the directory {directory} does not exist, or cannot be read";
        }

        // Of a layout that is there in part, what is missing is more to the point than all that could have been there.
        var nearest = PemLayout.All.MinBy(layout => layout.MissingIn(directory).Length)!;
        var missing = nearest.MissingIn(directory);
        if (missing.Length == nearest.Names.Length)
        {
            return $"{directory} holds none of {string.Join("; ", PemLayout.All.Select(static layout => $"{string.Join(", ", layout.Names)} ({layout.Writer})"))}";
        }

        var advice = missing is ["ca.crt"] ? ": the driver writes it only where it is given a source for the certificates of the authorities" : "";
        return $"{directory} lacks {string.Join(" and ", missing)} ({nearest.Writer}){advice}";
    }
}
