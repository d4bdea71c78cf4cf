using System.Collections.Immutable;
using System.Text;
using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Configuration;

internal static class ManifestProblem
{
    /// <summary>The end of a command whose manifests cannot be used: one line, that of the first error.</summary>
    public static UsageException Refuse(ManifestException fault)
    {
        MeshDiagnostic[] errors = [.. fault.Problems.Where(static p => p.Severity == DiagnosticSeverity.Error)];
        return new(errors is [var first, ..] ? Describe(first) + AndMore(errors.Length - 1) : fault.Message);
    }

    /// <summary>The errors of each file become one, its first: a file that breaks is one event, however much is wrong with it.</summary>
    public static ImmutableArray<MeshDiagnostic> OneErrorForEachFile(ImmutableArray<MeshDiagnostic> problems)
    {
        var errors = problems.Where(IsErrorOfFile).ToLookup(static p => p.File!, StringComparer.Ordinal);
        return [.. problems.Where(IsToldOnce).Select(p => IsErrorOfFile(p) ? Only(p, errors[p.File!].Count() - 1) : p)];

        bool IsToldOnce(MeshDiagnostic problem) => !IsErrorOfFile(problem) || ReferenceEquals(problem, errors[problem.File!].First());
    }

    /// <summary>One line: where (file, line, document), which object and field, and what is wrong.</summary>
    public static string Describe(MeshDiagnostic problem)
    {
        var text = new StringBuilder();
        if (problem.File is { } file)
        {
            text.Append(file).Append(problem.Line is { } line ? $":{line}" : "");
            text.Append(problem.Document is { } document ? $" (document {document})" : "").Append(": ");
        }

        // A problem of the file as a whole names the file as its subject, or the document that was just named.
        if (problem.Subject != problem.File && problem.Subject != $"document {problem.Document}")
        {
            text.Append(problem.Subject).Append(problem.Path.Length == 0 ? ": " : " ");
        }

        text.Append(problem.Path.Length == 0 ? "" : $"{problem.Path}: ").Append(problem.Message);
        return OneLine.Of(text.ToString());
    }

    // The same fault in two files is two problems: "document 1" alone would not tell them apart.
    private static MeshDiagnostic Only(MeshDiagnostic problem, int others) => problem with
    {
        Subject = problem.Subject == $"document {problem.Document}" ? $"{problem.File} {problem.Subject}" : problem.Subject,
        Message = problem.Message + AndMore(others),
    };

    private static bool IsErrorOfFile(MeshDiagnostic problem) => problem is { Severity: DiagnosticSeverity.Error, File: not null };

    private static string AndMore(int others) => others switch
    {
        0 => "",
        1 => " (and 1 more problem)",
        _ => $" (and {others} more problems)",
    };
}
