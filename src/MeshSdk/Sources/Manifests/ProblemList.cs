using System.Collections.Immutable;

namespace MeshSdk.Sources.Manifests;

/// <summary>The problems of one file, up to a number that a person can still read.</summary>
internal sealed class ProblemList(string file)
{
    private readonly ImmutableArray<MeshDiagnostic>.Builder _listed = ImmutableArray.CreateBuilder<MeshDiagnostic>();
    private readonly HashSet<(string Group, string Kind)> _unknownKinds = [];

    /// <summary>Of the errors that were found, listed or not.</summary>
    public int Count { get; private set; }

    public void Add(string code, string subject, string path, string message, int document, int line) =>
        Add(DiagnosticSeverity.Error, code, subject, path, message, document, line);

    public MeshDiagnostic Syntax(int document, TextFault fault) =>
        Add(DiagnosticSeverity.Error, ManifestCodes.InvalidManifest, $"document {document}", fault.Path, fault.Message, document, fault.Line);

    /// <summary>Adds what the text says and must not say. Paths lose their <paramref name="prefix"/>: they start at the object that is read.</summary>
    public void Text(int document, IReadOnlyList<TextFault> faults, string prefix, string subject)
    {
        foreach (var fault in faults)
        {
            Add(ManifestCodes.InvalidManifest, subject, fault.Below(prefix).Path, fault.Message, document, fault.Line);
        }
    }

    /// <summary>Notes a kind that is passed over, at its first object. The message names kind and group alone, so that files can be compared by it.</summary>
    public void UnknownKind(string group, string kind, string subject, int document, int line)
    {
        if (_unknownKinds.Add((group, kind)))
        {
            var of = group.Length == 0 ? "the core group" : group;
            Add(DiagnosticSeverity.Info, ManifestCodes.UnknownKind, subject, "", $"objects of kind {kind} in {of} are not read by the mesh and are skipped", document, line);
        }
    }

    public ImmutableArray<MeshDiagnostic> ToImmutable()
    {
        var more = Count - _listed.Count(problem => problem.Severity == DiagnosticSeverity.Error);
        return more == 0
            ? _listed.ToImmutable()
            :
            [
                .. _listed,
                new(DiagnosticSeverity.Error, ManifestCodes.InvalidManifest, file, "", $"{more} more problems are not listed") { File = file },
            ];
    }

    private MeshDiagnostic Add(DiagnosticSeverity severity, string code, string subject, string path, string message, int document, int line)
    {
        var problem = new MeshDiagnostic(severity, code, subject, path, message) { File = file, Document = document, Line = line };
        Count += severity == DiagnosticSeverity.Error ? 1 : 0;
        if (_listed.Count < ManifestLimits.Problems)
        {
            _listed.Add(problem);
        }

        return problem;
    }
}
