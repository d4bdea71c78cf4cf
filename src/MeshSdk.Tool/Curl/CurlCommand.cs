using System.CommandLine;
using System.Globalization;
using MeshSdk.Compilation;
using MeshSdk.Tool.CommandLine;
using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Curl;

/// <summary><c>mesh curl</c>: really sends requests through the mesh.</summary>
internal sealed class CurlCommand(ConfigurationOptions configuration, ToolEnvironment environment, Terminal terminal)
{
    private readonly Argument<string> _url = new("URL") { Description = "What is requested. {i} becomes the index of the request." };

    private readonly Option<string?> _method = new("--request", "-X")
    {
        Description = "The method. Default: GET, and POST with -d.",
        HelpName = "METHOD",
    };

    private readonly Option<string[]> _headers = new("--header", "-H") { Description = "A header. Repeatable.", HelpName = "'Name: value'" };

    private readonly Option<string[]> _data = new("--data", "-d")
    {
        Description = "The body, or @FILE for what is in a file, @- for standard input. Repeatable, joined by &.",
        HelpName = "DATA|@FILE",
    };

    private readonly Option<bool> _include = new("--include", "-i") { Description = "Shows status line and headers too." };
    private readonly Option<bool> _verbose = new("--verbose", "-v")
    {
        Description = "Says on standard error where each request went: status, backend, endpoint, attempts, time, flags.",
    };

    private readonly Option<bool> _follow = new("--location", "-L") { Description = "Follows redirects." };
    private readonly Option<int> _count = Number("--count", "N", "How many requests.");
    private readonly Option<int> _concurrency = Number("--concurrency", "C", "How many of them at a time, at most.");
    private readonly Option<double?> _rate = new("--rate") { Description = "Requests a second. Default: as fast as answers come.", HelpName = "R" };

    private readonly Option<string?> _timeout = new("--timeout")
    {
        Description = "How long each request may take, as in 500ms or 2 (seconds). Default: no limit.",
        HelpName = "D",
    };

    public static Command Create(ConfigurationOptions configuration, ToolEnvironment environment, Terminal terminal)
    {
        var curl = new CurlCommand(configuration, environment, terminal);
        var command = new Command("curl", "Sends requests through the mesh and prints what came back.")
        {
            curl._url, curl._method, curl._headers, curl._data, curl._include, curl._verbose, curl._follow,
            curl._count, curl._concurrency, curl._rate, curl._timeout,
        };
        command.SetAction(curl.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var arguments = await configuration.ReadAsync(line, cancellationToken);
        var load = ReadLoad(line);
        var template = await ReadTemplateAsync(line, arguments, cancellationToken);
        await using var mesh = await new CurlMesh(environment, terminal).StartAsync(arguments, template, cancellationToken);
        var follow = line.GetValue(_follow);
        using var handler = mesh.CreateHandler(
            new MeshClientOptions { RecordCalls = true, AllowAutoRedirect = follow },
            new SocketsHttpHandler { AllowAutoRedirect = follow, UseCookies = false });
        using var invoker = new HttpMessageInvoker(handler);
        using var output = new CurlOutput(terminal, new CurlForm(arguments.Json, line.GetValue(_include), line.GetValue(_verbose)));
        return await new CurlRun(template, load, new CurlSender(invoker, TimeProvider.System), output, TimeProvider.System).RunAsync(cancellationToken);
    }

    private CurlLoad ReadLoad(ParseResult line)
    {
        var rate = line.GetValue(_rate);
        return rate is null or > 0
            ? new CurlLoad(line.GetValue(_count), line.GetValue(_concurrency), rate, ParseTimeout(line.GetValue(_timeout)))
            : throw new UsageException($"--rate {rate}: requests a second, more than 0, are expected");
    }

    private async Task<RequestTemplate> ReadTemplateAsync(ParseResult line, MeshArguments arguments, CancellationToken cancellationToken)
    {
        var data = line.GetValue(_data) ?? [];
        if (data.Contains("@-") && arguments.Mesh.Manifests.Contains("-"))
        {
            throw new UsageException("standard input can be read once: as --manifests or as -d");
        }

        var parts = new List<string>();
        foreach (var part in data)
        {
            parts.Add(part.StartsWith('@') ? await ReadBodyAsync(part[1..], cancellationToken) : part);
        }

        try
        {
            var template = new RequestTemplate(
                RequestMethod.Check("-X", line.GetValue(_method)) ?? (parts.Count == 0 ? "GET" : "POST"),
                line.GetRequiredValue(_url),
                [.. (line.GetValue(_headers) ?? []).Select(HeaderLine.Parse)],
                parts.Count == 0 ? null : string.Join('&', parts));
            template.Create(0).Dispose();
            return template;
        }
        catch (FormatException e)
        {
            throw new UsageException(e.Message);
        }
    }

    // As curl's -d has it: line ends do not belong to the data.
    private async Task<string> ReadBodyAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            var text = file == "-" ? await terminal.In.ReadToEndAsync(cancellationToken) : await File.ReadAllTextAsync(file, cancellationToken);
            return text.ReplaceLineEndings("");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"-d @{file}: the file cannot be read: {e.Message}");
        }
    }

    private static TimeSpan? ParseTimeout(string? text) => text switch
    {
        null => null,
        _ when GatewayDuration.TryParse(text, out var duration) && duration > TimeSpan.Zero => duration,
        _ when double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 1e6 =>
            TimeSpan.FromSeconds(seconds),
        _ => throw new UsageException($"--timeout '{text}': a duration such as 500ms or 1m30s, or a number of seconds, is expected"),
    };

    private static Option<int> Number(string name, string helpName, string description)
    {
        var option = new Option<int>(name) { Description = description, HelpName = helpName, DefaultValueFactory = static _ => 1 };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value < 1))
            {
                result.AddError($"{name} '{token.Value}': a whole number, at least 1, is expected");
            }
        });
        return option;
    }
}
