namespace MeshSdk;

/// <summary>
/// One problem found in the mesh configuration. A problem never takes down more than what it names:
/// a broken rule answers for itself alone, a broken object keeps its last good version.
/// </summary>
/// <param name="Severity">How much it matters.</param>
/// <param name="Code">
/// A stable word for scripts. Where the Gateway API has a condition reason for it, that one
/// (<c>BackendNotFound</c>, <c>InvalidKind</c>, <c>UnsupportedValue</c>, <c>NoMatchingParent</c>, …).
/// </param>
/// <param name="Subject">The object it was found in, as <c>Kind namespace/name</c>.</param>
/// <param name="Path">The field, as in <c>spec.rules[0].backendRefs[1].weight</c>; empty where the whole object is meant.</param>
/// <param name="Message">What is wrong and what would mend it, in one sentence.</param>
public sealed record MeshDiagnostic(
    DiagnosticSeverity Severity,
    string Code,
    string Subject,
    string Path,
    string Message)
{
    /// <summary>The subject of what is about the mesh as a whole.</summary>
    internal const string OfMesh = "MeshSdk";

    /// <summary>The manifest that holds the object; null where it did not come from a file.</summary>
    public string? File { get; init; }

    /// <summary>The one-based document in <see cref="File"/>, empty ones included; null where it is not known.</summary>
    public int? Document { get; init; }

    /// <summary>The one-based line in <see cref="File"/>; null where it is not known.</summary>
    public int? Line { get; init; }

    /// <summary>Whether requests fail or a match is dropped by it; an error in a field that is merely left out harms none.</summary>
    internal bool FailsRequests { get; init; }

    /// <inheritdoc/>
    public override string ToString()
    {
        var where = File is null ? "" : Line is null ? $" ({File})" : $" ({File}:{Line})";
        return $"{Subject}{(Path.Length == 0 ? "" : $" {Path}")}: {Message} [{Code}]{where}";
    }
}
