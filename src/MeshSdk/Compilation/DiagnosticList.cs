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

    /// <summary>An error by which a rule, a share of its requests or a match cannot be served as it was written.</summary>
    public void Fault(Resource subject, string code, string path, string message) =>
        Add(DiagnosticSeverity.Error, code, subject, path, message, failsRequests: true);

    public void Warning(Resource subject, string code, string path, string message) =>
        Add(DiagnosticSeverity.Warning, code, subject, path, message);

    public void Info(Resource subject, string code, string path, string message) =>
        Add(DiagnosticSeverity.Info, code, subject, path, message);

    /// <param name="subject">What it is about, where that is no object.</param>
    public void Info(string subject, string code, string message) => Add(new MeshDiagnostic(DiagnosticSeverity.Info, code, subject, "", message));

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

    private void Add(DiagnosticSeverity severity, string code, Resource subject, string path, string message, bool failsRequests = false) =>
        Add(new MeshDiagnostic(severity, code, subject.ToString(), path, message)
        {
            File = subject.Origin?.File, Line = subject.Origin?.Line, FailsRequests = failsRequests,
        });

    private void Add(MeshDiagnostic diagnostic)
    {
        _known ??= [];
        if (_known.Add(diagnostic))
        {
            (_items ??= ImmutableArray.CreateBuilder<MeshDiagnostic>()).Add(diagnostic);
        }
    }
}
