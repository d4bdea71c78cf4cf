using System.Globalization;

namespace MeshSdk.Conformance.Client;

/// <summary>The command line: the flags of the suite's own client, and where the configuration comes from.</summary>
internal sealed record ClientArguments
{
    public const string Usage = """
        usage: client URL [--method=M] [-H name:value]... [--count=N] [--http2] [--timeout=SECONDS]
                      [--kubeconfig=FILE | --service-account=DIRECTORY | --manifests=PATH...] [--namespace=NS]

        URL is http://, https:// or grpc://, whose calls go to proto.EchoTestService/Echo. Redirects are not followed. The configuration comes from the
        cluster that the process runs in unless it is named here or by MESH_KUBECONFIG, MESH_MANIFESTS or MESH_NAMESPACE.
        """;

    public required Uri Url { get; init; }

    public string Method { get; private init; } = "GET";

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; private init; } = [];

    public int Count { get; private init; } = 1;

    public bool Http2 { get; private init; }

    public TimeSpan Timeout { get; private init; } = TimeSpan.FromSeconds(10);

    public string? Kubeconfig { get; private init; }

    public string? ServiceAccount { get; private init; }

    public IReadOnlyList<string> Manifests { get; private init; } = [];

    public string? Namespace { get; private init; }

    public bool IsGrpc => Url.Scheme == "grpc";

    /// <exception cref="FormatException">The command line is wrong; the message says where.</exception>
    public static ClientArguments Parse(IReadOnlyList<string> args, Func<string, string?> environment)
    {
        Uri? url = null;
        var read = new ClientArguments
        {
            Url = null!,
            Kubeconfig = environment("MESH_KUBECONFIG"),
            Manifests = environment("MESH_MANIFESTS")?.Split(Path.PathSeparator) ?? [],
            Namespace = environment("MESH_NAMESPACE"),
        };
        for (var i = 0; i < args.Count; i++)
        {
            if (!args[i].StartsWith('-'))
            {
                url = url is null ? ParseUrl(args[i]) : throw new FormatException($"there are two URLs: {url} and {args[i]}");
                continue;
            }

            var (flag, inline) = args[i].Split('=', 2) is [var name, var rest] ? (name, rest) : (args[i], null);
            if (flag == "--http2")
            {
                read = read with { Http2 = true };
                continue;
            }

            var value = inline ?? (i + 1 < args.Count ? args[++i] : throw new FormatException($"{flag} needs a value"));
            read = flag switch
            {
                "--method" => read with { Method = value },
                "-H" or "--header" => read with { Headers = [.. read.Headers, ParseHeader(value)] },
                "--count" => read with { Count = ParseNumber(flag, value) },
                "--timeout" => read with { Timeout = TimeSpan.FromSeconds(ParseNumber(flag, value)) },
                "--kubeconfig" => read with { Kubeconfig = value },
                "--service-account" => read with { ServiceAccount = value },
                "--manifests" => read with { Manifests = [.. read.Manifests, value] },
                "--namespace" => read with { Namespace = value },
                _ => throw new FormatException($"there is no flag {flag}"),
            };
        }

        return read with { Url = url ?? throw new FormatException("the URL is missing") };
    }

    private static Uri ParseUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" or "grpc" && url.Host.Length > 0
            ? url
            : throw new FormatException($"'{text}': an http, https or grpc URL is expected");

    private static KeyValuePair<string, string> ParseHeader(string text) => text.Split(':', 2) is [{ Length: > 0 } name, var value]
        ? KeyValuePair.Create(name.Trim(), value.Trim())
        : throw new FormatException($"-H '{text}': name:value is expected");

    private static int ParseNumber(string flag, string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new FormatException($"{flag} '{text}': a whole number, at least 1, is expected");
}
