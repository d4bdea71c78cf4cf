using MeshSdk.Security.Pem;

namespace MeshSdk.Security.Sources;

/// <summary>Directories of which one is to hold the files of an identity. The first that does counts.</summary>
/// <param name="places">One, or several of which it cannot yet be told in which the files will be.</param>
internal sealed class PemDirectory(params IEnumerable<PemPlace> places) : PemLocation
{
    private readonly PemPlace[] _places = [.. places.Select(static place => place with { Directory = Path.GetFullPath(place.Directory) })];

    public override string Name => $"PEM files in {string.Join(" or ", Directories)}";

    public override IEnumerable<string> Directories => _places.Select(static place => place.Directory);

    public override PemFiles Find()
    {
        foreach (var place in _places)
        {
            foreach (var layout in place.Layouts)
            {
                if (layout.MissingIn(place.Directory).IsEmpty)
                {
                    return layout.In(place.Directory).WithRevocations();
                }
            }
        }

        throw new PemException(string.Join("; ", _places.Select(Describe)));
    }

    private static string Describe(PemPlace place)
    {
        var (directory, layouts) = (place.Directory, place.Layouts);
        if (!Directory.Exists(directory))
        {
            return $"the directory {directory} does not exist, or cannot be read";
        }

        // Of a layout that is there in part, what is missing is more to the point than all that could have been there.
        var nearest = layouts.MinBy(layout => layout.MissingIn(directory).Length)!;
        var missing = nearest.MissingIn(directory);
        if (missing.Length == nearest.Names.Length)
        {
            return $"{directory} holds none of {string.Join("; ", layouts.Select(static layout => $"{string.Join(", ", layout.Names)} ({layout.Writer})"))}";
        }

        var advice = missing is ["ca.crt"] ? ": the driver writes it only where it is given a source for the certificates of the authorities" : "";
        return $"{directory} lacks {string.Join(" and ", missing)} ({nearest.Writer}){advice}";
    }
}
