using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MeshSdk.Conformance.Echo;

/// <summary>One request as a server received it.</summary>
/// <param name="Port">The container's port, which is not the one that the process really listens on.</param>
/// <param name="Target">Path and query as they were on the wire.</param>
/// <param name="Headers">One entry for every line that was received, in their order.</param>
internal sealed record EchoRequest(
    EchoIdentity Server,
    int Port,
    string Method,
    string Target,
    string Protocol,
    string Host,
    IReadOnlyList<KeyValuePair<string, string>> Headers,
    string Body)
{
    /// <summary>The header by which a test finds the requests of one call, copies and repetitions among them.</summary>
    public const string CallHeader = "X-Echo-Call";

    public string? Call => Header(CallHeader);

    public static async Task<EchoRequest> ReadAsync(EchoIdentity server, int port, HttpContext context)
    {
        var request = context.Request;
        string body;
        if (request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true)
        {
            using var bytes = new MemoryStream();
            await request.Body.CopyToAsync(bytes, context.RequestAborted);
            body = string.Concat(EchoMessage.Read(bytes.ToArray()));
        }
        else
        {
            using var reader = new StreamReader(request.Body);
            body = await reader.ReadToEndAsync(context.RequestAborted);
        }

        return new EchoRequest(
            server,
            port,
            request.Method,
            context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            request.Protocol,
            request.Host.Value ?? "",
            [.. request.Headers
                .Where(static header => !header.Key.StartsWith(':') && !header.Key.Equals("Host", StringComparison.OrdinalIgnoreCase))
                .SelectMany(static header => header.Value.Select(line => KeyValuePair.Create(header.Key, line ?? "")))],
            body);
    }

    /// <summary>A header as the upstream suite reads it: the lines joined by commas without a space; null where there is none.</summary>
    public string? Header(string name)
    {
        var lines = Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(static header => header.Value).ToList();
        return lines.Count == 0 ? null : string.Join(',', lines);
    }

    /// <summary>The request in the suite's words, a line each.</summary>
    public string ToText(int status)
    {
        var text = new System.Text.StringBuilder();
        void Line(string name, string value) => text.Append(name).Append('=').Append(value).Append('\n');

        Line("ServiceVersion", Server.Version);
        Line("ServicePort", $"{Port}");
        Line("Host", Host);
        Line("URL", Target);
        Line("Method", Method);
        Line("Proto", Protocol);
        foreach (var (name, value) in Headers)
        {
            Line("RequestHeader", $"{name}:{value}");
        }

        if (status != 0)
        {
            Line("StatusCode", $"{status}");
        }

        if (Body.Length > 0)
        {
            Line("Body", Body.ReplaceLineEndings(" "));
        }

        Line("Namespace", Server.Namespace);
        Line("Hostname", Server.Pod);
        return text.ToString();
    }
}
