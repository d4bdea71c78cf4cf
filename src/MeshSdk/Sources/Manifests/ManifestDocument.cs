namespace MeshSdk.Sources.Manifests;

/// <summary>One document of a text. <paramref name="Number"/> counts from one, empty documents included.</summary>
internal sealed record ManifestDocument(int Number, ManifestNode Root, IReadOnlyList<TextFault> Faults);

/// <summary>Something that the text says and must not say, at a one-based line. <paramref name="Path"/> starts at the document's root.</summary>
internal sealed record TextFault(int Line, string Path, string Message)
{
    /// <summary>Whether a path leads to the place that <paramref name="parent"/> leads to, or further down from there.</summary>
    public static bool IsWithin(string path, string parent) =>
        path.StartsWith(parent, StringComparison.Ordinal) && (parent.Length == 0 || path.Length == parent.Length || path[parent.Length] is '.' or '[');

    /// <summary>The same with a path that starts below <paramref name="prefix"/>.</summary>
    public TextFault Below(string prefix) => this with { Path = Path[prefix.Length..].TrimStart('.') };
}

/// <summary>Gives the documents of a text one after the other, so that only one of them is held as a tree.</summary>
internal interface IDocumentReader
{
    /// <summary>Null at the end of the text, or where the rest cannot be read: then <see cref="SyntaxFault"/> says why.</summary>
    ManifestDocument? Next();

    TextFault? SyntaxFault { get; }

    /// <summary>The number of the document that was read last, or that the fault is in.</summary>
    int Number { get; }

    /// <summary>The text that holds the fault and all that could not be read on its account.</summary>
    string Unread { get; }
}

/// <summary>What a text may at most be. Real manifests stay far below; the limits keep a hostile or broken one from taking the process down.</summary>
internal static class ManifestLimits
{
    /// <summary>Characters of one file.</summary>
    public const int Length = 64 * 1024 * 1024;

    public const int Depth = 64;

    /// <summary>Characters that the aliases of one document may add to it.</summary>
    public const long Aliases = 4 * 1024 * 1024;

    /// <summary>Problems that are listed for one file.</summary>
    public const int Problems = 100;
}
