using System.CommandLine;
using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Configuration;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Explain;

/// <summary><c>mesh explain</c>: what would happen to one request, or to each of a batch, without sending it.</summary>
internal sealed class ExplainCommand(ConfigurationOptions configuration, ToolEnvironment environment, Terminal terminal)
{
    private readonly Argument<string?> _url = new("URL")
    {
        Description = "What the caller would request.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _method = new("--request", "-X") { Description = "The method. Default: GET.", HelpName = "METHOD" };

    private readonly Option<string[]> _headers = new("--header", "-H")
    {
        Description = "A header of the request. Repeatable.",
        HelpName = "'Name: value'",
    };

    private readonly Option<string?> _grpc = new("--grpc") { Description = "Explains a gRPC call.", HelpName = "SERVICE/METHOD" };

    private readonly Option<string?> _batch = new("--batch")
    {
        Description = "A file of requests, one JSON object a line, or - for standard input; one JSON answer a line.",
        HelpName = "FILE|-",
    };

    public static Command Create(ConfigurationOptions configuration, ToolEnvironment environment, Terminal terminal)
    {
        var explain = new ExplainCommand(configuration, environment, terminal);
        var command = new Command("explain", "Says what would happen to one request, without sending it.")
        {
            explain._url, explain._method, explain._headers, explain._grpc, explain._batch,
        };
        command.SetAction(explain.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var arguments = await configuration.ReadAsync(line, cancellationToken);
        var batch = line.GetValue(_batch);
        var request = batch is null ? ReadRequest(line) : null;
        if (batch is not null && line.GetValue(_url) is not null)
        {
            throw new UsageException("--batch brings its own URLs; leave the one on the command line out");
        }

        if (batch == "-" && arguments.Mesh.Manifests.Contains("-"))
        {
            throw new UsageException("standard input can be read once: as --manifests or as --batch");
        }

        var viewpoints = new Viewpoints(new ConfigurationLoader(arguments, environment, terminal), arguments);
        var host = request is null ? "" : request.Url.IdnHost;
        var explainer = await viewpoints.ExplainerAsync(host, ns: null, labels: null, cancellationToken);
        if (arguments.Mesh.Security == MeshSecurity.Off)
        {
            terminal.Note("security is off: what policies want encrypted goes out in plaintext");
        }

        if (request is null)
        {
            using var requests = batch == "-" ? null : new StreamReader(batch!);
            return await new Batch(viewpoints, terminal).RunAsync(requests ?? terminal.In, cancellationToken);
        }

        var explanation = explainer.Explain(request);
        if (arguments.Json)
        {
            await terminal.WriteLineAsync(ExplainJson.Write(explanation));
        }
        else
        {
            await terminal.WriteAsync(ExplanationText.Of(explanation, request, arguments.Caller));
        }

        return ExitCode.Done;
    }

    private MeshRequest ReadRequest(ParseResult line)
    {
        var url = line.GetValue(_url) ?? throw new UsageException("a URL is missing; see mesh explain --help");
        try
        {
            return MeshRequest.Create(
                RequestMethod.Check("-X", line.GetValue(_method)), url, (line.GetValue(_headers) ?? []).Select(HeaderLine.Parse), line.GetValue(_grpc));
        }
        catch (FormatException e)
        {
            throw new UsageException(e.Message);
        }
    }
}
