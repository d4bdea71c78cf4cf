namespace MeshSdk;

/// <summary>Manifests cannot be used at all: a path that is not there, or a text given to <see cref="InMemorySource"/> that has errors.</summary>
public sealed class ManifestException : Exception
{
    internal ManifestException(IReadOnlyList<MeshDiagnostic> problems)
        : base(string.Join(Environment.NewLine, problems.Where(problem => problem.Severity == DiagnosticSeverity.Error)))
    {
        Problems = problems;
    }

    /// <summary>All that was found, in the order of the text; the errors among them are the reason. The message lists those, one a line.</summary>
    public IReadOnlyList<MeshDiagnostic> Problems { get; }
}
