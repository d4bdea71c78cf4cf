namespace MeshSdk.Tool.Lint;

/// <summary>Collects findings. Those who know a fault best come first: what says the same of a field again is left out.</summary>
internal sealed class LintReport
{
    private readonly List<LintFinding> _findings = [];
    private readonly HashSet<LintFinding> _known = [];
    private readonly HashSet<(string Object, string Path)> _wrong = [];
    private readonly HashSet<(string Object, string Path)> _odd = [];

    public void Add(LintFinding finding)
    {
        if (_known.Add(finding))
        {
            _findings.Add(finding);
            var places = finding.Severity switch
            {
                LintFinding.Error => _wrong,
                LintFinding.Warning => _odd,
                _ => null,
            };
            places?.Add((finding.Object, finding.Path));
        }
    }

    /// <summary>Whether an error has been found with this very field.</summary>
    public bool IsWrong(string subject, string path) => _wrong.Contains((subject, path));

    /// <summary>Whether an error or a warning has.</summary>
    public bool IsTold(string subject, string path) => IsWrong(subject, path) || _odd.Contains((subject, path));

    /// <summary>As they stand in the files.</summary>
    /// <param name="files">Their names, in order.</param>
    public IReadOnlyList<LintFinding> InOrder(IReadOnlyList<string> files)
    {
        var order = files.Distinct().Index().ToDictionary(static file => file.Item, static file => file.Index);
        return [.. _findings.OrderBy(finding => order.GetValueOrDefault(finding.File ?? "", order.Count)).ThenBy(static finding => finding.Line ?? 0)];
    }
}
