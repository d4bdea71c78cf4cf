using System.Collections.Immutable;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>Collects problems; the same one is kept once.</summary>
internal sealed class DiagnosticList
{
    private ImmutableArray<MeshDiagnostic>.Builder? _items;
    private HashSet<MeshDiagnostic>? _known;

    public void Error(Resource subject, string code, string path, string message) =>
        Add(DiagnosticSeverity.Error, code, subject, path, message);

    public void Warning(Resource subject, string code, string path, string message) =>
        Add(DiagnosticSeverity.Warning, code, subject, path, message);

    public void Info(Resource subject, string code, string path, string message) =>
        Add(DiagnosticSeverity.Info, code, subject, path, message);

    public void NotImplemented(Resource subject, string path) =>
        Warning(subject, DiagnosticCode.NotImplemented, path, "this version does not act on it");

    public void AddRange(ImmutableArray<MeshDiagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics)
        {
            Add(diagnostic);
        }
    }

    public ImmutableArray<MeshDiagnostic> ToImmutable() => _items?.ToImmutable() ?? [];

    private void Add(DiagnosticSeverity severity, string code, Resource subject, string path, string message) =>
        Add(new MeshDiagnostic(severity, code, subject.ToString(), path, message) { File = subject.Origin?.File, Line = subject.Origin?.Line });

    private void Add(MeshDiagnostic diagnostic)
    {
        _known ??= [];
        if (_known.Add(diagnostic))
        {
            (_items ??= ImmutableArray.CreateBuilder<MeshDiagnostic>()).Add(diagnostic);
        }
    }
}
