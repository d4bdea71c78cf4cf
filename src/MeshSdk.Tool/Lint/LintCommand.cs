using System.CommandLine;
using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Configuration;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Lint;

/// <summary><c>mesh lint</c>: says what is wrong with manifests before a cluster or a caller finds out.</summary>
internal sealed class LintCommand(ConfigurationOptions configuration, Terminal terminal)
{
    public static Command Create(ConfigurationOptions configuration, Terminal terminal)
    {
        var command = new Command("lint", "Checks manifests without a cluster: what the CRDs would refuse, what leads nowhere, and traps.");
        command.SetAction(new LintCommand(configuration, terminal).RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var arguments = await configuration.ReadAsync(line, cancellationToken);
        if (arguments.Live is not null || arguments.Mesh.Manifests.Count == 0)
        {
            throw new UsageException("lint reads files and no cluster: name them with --manifests PATH");
        }

        var input = await LintInput.ReadAsync([.. arguments.Mesh.Manifests], terminal.In, cancellationToken);
        var report = new LintReport();
        Linter.Check(input, arguments.Caller, arguments.Compilation, report);
        var findings = report.InOrder(input.Files);
        if (arguments.Json)
        {
            await terminal.WriteLineAsync(LintJson.Write(findings));
        }
        else
        {
            await terminal.WriteAsync(string.Concat(findings.Select(static finding => OneLine.Of(finding.ToString()) + Environment.NewLine)));
        }

        // What could be read is judged above all the same.
        foreach (var fault in input.SyntaxFaults)
        {
            terminal.Note(ManifestProblem.Describe(fault));
        }

        return input.SyntaxFaults.Count > 0 ? ExitCode.Usage
            : findings.Any(static finding => finding.Severity == LintFinding.Error) ? ExitCode.No
            : ExitCode.Done;
    }
}
