using MeshSdk.Compilation;

namespace MeshSdk.Tool.Lint;

/// <summary>Collects findings. Those who know a fault best come first: what says the same of a field again is left out.</summary>
internal sealed class LintReport
{
    private const string DuplicateOfSchema = "FieldValueDuplicate";

    private readonly List<LintFinding> _findings = [];
    private readonly HashSet<LintFinding> _known = [];
    private readonly HashSet<(string Object, string Path)> _wrong = [];

    public void Add(LintFinding finding)
    {
        if (_known.Add(finding))
        {
            _findings.Add(finding);
            if (finding.Severity == LintFinding.Error)
            {
                _wrong.Add((finding.Object, finding.Path));
            }
        }
    }

    /// <summary>Adds an error or less in the place of warnings that have been found with this very field, if it is an error.</summary>
    public void Override(LintFinding finding)
    {
        if (finding.Severity == LintFinding.Error)
        {
            _findings.RemoveAll(known => known.Severity == LintFinding.Warning && (known.Object, known.Path) == (finding.Object, finding.Path));
        }

        Add(finding);
    }

    /// <summary>Whether an error has been found with this very field.</summary>
    public bool IsWrong(string subject, string path) => _wrong.Contains((subject, path));

    /// <summary>
    /// Whether something no less severe has been found with this very field, or says the same: an error with a part of what is an error as a whole, or the
    /// same one with what it is a part of.
    /// </summary>
    public bool IsTold(MeshDiagnostic diagnostic) => _findings.Exists(finding =>
        finding.Object == diagnostic.Subject
        && (finding.Severity == LintFinding.Error || (finding.Severity == LintFinding.Warning && diagnostic.Severity != DiagnosticSeverity.Error))
        && (finding.Path == diagnostic.Path
            || (diagnostic.Severity == DiagnosticSeverity.Error && Holds(diagnostic.Path, finding.Path))
            || (SayTheSame(finding.Code, diagnostic.Code) && Holds(finding.Path, diagnostic.Path))));

    /// <summary>Of an entry that comes twice in a list the schema speaks as a whole, and the compiler names the part that makes it the same.</summary>
    private static bool SayTheSame(string code, string ofCompiler) =>
        code == ofCompiler || (code == DuplicateOfSchema && ofCompiler == DiagnosticCode.Duplicate);

    private static bool Holds(string path, string part) =>
        part.StartsWith(path, StringComparison.Ordinal) && (part.Length == path.Length || part[path.Length] is '.' or '[');

    /// <summary>As they stand in the files.</summary>
    /// <param name="files">Their names, in order.</param>
    public IReadOnlyList<LintFinding> InOrder(IReadOnlyList<string> files)
    {
        var order = files.Distinct().Index().ToDictionary(static file => file.Item, static file => file.Index);
        return [.. _findings.OrderBy(finding => order.GetValueOrDefault(finding.File ?? "", order.Count)).ThenBy(static finding => finding.Line ?? 0)];
    }
}
