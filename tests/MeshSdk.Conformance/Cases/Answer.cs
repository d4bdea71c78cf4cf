using System.Text;
using MeshSdk.Conformance.Echo;

namespace MeshSdk.Conformance.Cases;

/// <summary>What came back, and what the server that answered says of the request.</summary>
internal sealed record Answer(string Call, int Status, Version Version, IReadOnlyList<(string Name, string Value)> Headers, string Body, int? GrpcStatus)
{
    public string? Pod => Echoed("Hostname");

    public string? Namespace => Echoed("Namespace");

    /// <summary>Path and query as the server received them.</summary>
    public string? Target => Echoed("URL");

    public string? Host => Echoed("Host");

    public string? Method => Echoed("Method");

    public string? Protocol => Echoed("Proto");

    /// <summary>A response header, its lines joined as the suite joins them; null where there is none.</summary>
    public string? Header(string name) => Join(Headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(static header => header.Value));

    /// <summary>A request header as the server saw it; null where there was none.</summary>
    public string? Saw(string name) => Join(Lines("RequestHeader")
        .Select(static line => line.Split(':', 2))
        .Where(parts => parts[0].Equals(name, StringComparison.OrdinalIgnoreCase))
        .Select(static parts => parts[1]));

    public static async Task<Answer> ReadAsync(HttpResponseMessage response, Call call, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        List<(string, string)> headers =
        [
            .. from header in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated)
               from value in header.Value
               select (header.Key, value),
        ];
        var status = StatusIn(response.TrailingHeaders) ?? StatusIn(response.Headers);
        return new Answer(
            call.Id,
            (int)response.StatusCode,
            response.Version,
            headers,
            call.IsGrpc ? string.Concat(EchoMessage.Read(body)) : Encoding.UTF8.GetString(body),
            status is null ? null : int.Parse(status, System.Globalization.CultureInfo.InvariantCulture));
    }

    public override string ToString() => $"{Status}{(GrpcStatus is { } code ? $" gRPC {code}" : "")} of {Namespace}/{Pod}, {Method} {Host} {Target}\n" +
        $"{string.Join('\n', Headers.Select(static header => $"{header.Name}: {header.Value}"))}\n\n{Body}";

    private string? Echoed(string name) => Lines(name).FirstOrDefault();

    private IEnumerable<string> Lines(string name) =>
        Body.Split('\n').Where(line => line.StartsWith(name + "=", StringComparison.Ordinal)).Select(line => line[(name.Length + 1)..]);

    private static string? Join(IEnumerable<string> lines) => lines.ToList() is { Count: > 0 } values ? string.Join(',', values) : null;

    private static string? StatusIn(System.Net.Http.Headers.HttpHeaders headers) => headers.TryGetValues("grpc-status", out var values) ? values.First() : null;
}
