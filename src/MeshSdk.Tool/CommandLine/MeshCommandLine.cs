using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using MeshSdk.Tool.Curl;
using MeshSdk.Tool.Describe;
using MeshSdk.Tool.Explain;
using MeshSdk.Tool.Lint;
using MeshSdk.Tool.Listing;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.CommandLine;

/// <summary>All commands, and how a command line becomes one of them.</summary>
internal static class MeshCommandLine
{
    // A value that begins with @ belongs to the command (curl's -d @FILE), it does not name a file of more arguments.
    private static readonly ParserConfiguration Parser = new() { ResponseFileTokenReplacer = null };

    /// <exception cref="UsageException">The command line or a file is wrong.</exception>
    public static async Task<int> RunAsync(
        string[] args, Terminal terminal, ToolEnvironment environment, CancellationToken cancellationToken)
    {
        var line = Build(terminal, environment).Parse(args, Parser);
        if (UnknownOption(line) is { } unknown)
        {
            throw new UsageException($"there is no option '{unknown}'; see mesh {line.CommandResult.Command.Name} --help");
        }

        if (line.Errors.Count > 0)
        {
            throw new UsageException(line.Errors[0].Message);
        }

        var invocation = new InvocationConfiguration
        {
            Output = terminal.Out,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
        };
        var exit = await line.InvokeAsync(invocation, cancellationToken);

        // Help is written by the parser, which does not flush.
        await terminal.Out.FlushAsync(cancellationToken);
        return exit;
    }

    /// <summary>The parser takes an option that it does not know for an argument, and then complains about whatever comes next.</summary>
    private static string? UnknownOption(ParseResult line) => line.CommandResult.Children
        .OfType<ArgumentResult>()
        .SelectMany(static argument => argument.Tokens)
        .Select(static token => token.Value)
        .Concat(line.UnmatchedTokens)
        .FirstOrDefault(static value => value.Length > 1 && value[0] == '-');

    private static RootCommand Build(Terminal terminal, ToolEnvironment environment)
    {
        var configuration = new ConfigurationOptions(environment);
        var root = new RootCommand("Shows what the mesh would do with a request, and does it, without a sidecar.")
        {
            ExplainCommand.Create(configuration, environment, terminal),
            CurlCommand.Create(configuration, environment, terminal),
            DescribeCommand.Create(configuration, environment, terminal),
            GetCommand.Create(configuration, environment, terminal),
            LintCommand.Create(configuration, terminal),
        };
        foreach (var option in configuration.All)
        {
            root.Options.Add(option);
        }

        // Without a command there is nothing to do; help is the useful answer to that.
        root.SetAction(line => new HelpAction().Invoke(line));
        return root;
    }
}
