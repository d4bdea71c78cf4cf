using System.Text;
using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Configuration;

internal static class ManifestProblem
{
    /// <summary>The end of a command whose manifests cannot be used: one line for each error.</summary>
    public static UsageException Refuse(ManifestException fault) =>
        new([.. fault.Problems.Where(static p => p.Severity == DiagnosticSeverity.Error).Select(Describe)]);

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
}
