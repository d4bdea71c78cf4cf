using System.Collections.Immutable;

namespace MeshSdk.Sources.Files;

/// <summary>
/// A file as it looks without opening it. Two that are equal have the same content, but for a rewrite within the clock's grain.
/// </summary>
/// <param name="Root">The place in the configured list that it was found through.</param>
/// <param name="Name">For people: the configured path and what follows.</param>
/// <param name="Path">Full, as visible.</param>
/// <param name="Target">Full, with all symbolic links followed. It alone changes when a ConfigMap mount swaps its <c>..data</c>.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Modified">In UTC.</param>
internal sealed record ListedFile(int Root, string Name, string Path, string Target, long Length, DateTime Modified);

/// <summary>A place that could not be looked into: nothing is known about the files at or below <paramref name="Path"/>.</summary>
internal sealed record ListingFault(string Name, string Path, string Message);

/// <summary>All files at one moment, in order of precedence.</summary>
internal sealed record ManifestListing(ImmutableArray<ListedFile> Files, ImmutableArray<ListingFault> Faults)
{
    /// <summary>The paths of the files that are not the same in both.</summary>
    public HashSet<string> DifferencesFrom(ManifestListing earlier)
    {
        var differences = Files.Except(earlier.Files).Select(file => file.Path).ToHashSet(StringComparer.Ordinal);
        differences.UnionWith(earlier.Files.Except(Files).Select(file => file.Path));
        return differences;
    }

    public bool IsUnknown(string path) => Faults.Any(fault =>
        path.StartsWith(fault.Path, StringComparison.Ordinal) && (path.Length == fault.Path.Length || path[fault.Path.Length] == Path.DirectorySeparatorChar));
}
