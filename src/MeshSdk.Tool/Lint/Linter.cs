using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Tool.Explain;

namespace MeshSdk.Tool.Lint;

/// <summary>
/// Puts the checks in their order: what the reader says of a field is said best, then what the schema says, then the rules beside the schema, and last what
/// the library makes of it, which for much of the former is only the consequence.
/// </summary>
internal static class Linter
{
    public static void Check(LintInput input, CallerContext caller, CompilerOptions options, LintReport report)
    {
        foreach (var problem in input.Problems)
        {
            var told = DiagnosticFilter.Explain(problem);
            report.Add(new LintFinding(told.Severity, told.Code, told.Object, told.Path, problem.File, problem.Line, told.Message));
        }

        var scene = new LintScene(input, caller);
        foreach (var subject in input.Objects)
        {
            SchemaCheck.Check(subject, report);
            foreach (var rule in LintRules.All)
            {
                foreach (var finding in rule.Check(subject, scene).Where(finding => !report.IsWrong(finding.Object, finding.Path)))
                {
                    report.Add(finding);
                }
            }
        }

        CompileCheck.Check(input, caller, options, report);
    }
}
