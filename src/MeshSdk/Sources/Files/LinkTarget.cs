namespace MeshSdk.Sources.Files;

/// <summary>
/// Follows every symbolic link on the way to a file. The framework follows those at the end of a path only, and the one that changes in a
/// ConfigMap mount is in the middle: <c>route.yaml</c> → <c>..data/route.yaml</c>, <c>..data</c> → <c>..2026_01_31/</c>.
/// </summary>
internal static class LinkTarget
{
    private const int MaxLinks = 40;

    /// <summary>Null: the links go round in a circle.</summary>
    public static string? Resolve(string fullPath)
    {
        var links = 0;
        return Resolve(fullPath, ref links);
    }

    private static string? Resolve(string fullPath, ref int links)
    {
        var current = Path.GetPathRoot(fullPath)!;
        foreach (var part in fullPath[current.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(current, part);
            if (new FileInfo(next).LinkTarget is { } target)
            {
                if (++links > MaxLinks || Resolve(Path.GetFullPath(target, current), ref links) is not { } resolved)
                {
                    return null;
                }

                next = resolved;
            }

            current = next;
        }

        return current;
    }
}
