namespace MeshSdk.Sources;

/// <summary>The codes of the problems that sources report.</summary>
internal static class ManifestCodes
{
    /// <summary>A text is not YAML or JSON, or a document is no Kubernetes object.</summary>
    public const string InvalidManifest = "InvalidManifest";

    /// <summary>A field holds a value of the wrong type.</summary>
    public const string InvalidField = "InvalidField";

    public const string UnknownKind = "UnknownKind";

    /// <summary>Two files, or two places of one, hold the same object.</summary>
    public const string DuplicateObject = "DuplicateObject";

    /// <summary>A file or directory is there and cannot be read, or is not there.</summary>
    public const string UnreadableFile = "UnreadableFile";
}
