using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using MeshSdk.Conformance.Echo;

namespace MeshSdk.Conformance.Client;

/// <summary>Sends one call and says what came of it in the format that the suite reads: one block of lines.</summary>
internal sealed class EchoCall(HttpMessageInvoker invoker, ClientArguments arguments)
{
    /// <returns>The block, without the blank line that divides it from the next.</returns>
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    public async Task<string> SendAsync(int index, CancellationToken cancellationToken)
    {
        using var request = arguments.IsGrpc ? GrpcRequest() : HttpRequest();
        foreach (var (name, value) in arguments.Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content ??= new ByteArrayContent([]);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var response = await invoker.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var block = new StringBuilder();
        if (!arguments.IsGrpc || response.StatusCode != HttpStatusCode.OK)
        {
            Line(block, index, "StatusCode", ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture));
        }
        else if (GrpcStatus(response, "grpc-status") is { } status && status != "0")
        {
            Line(block, index, "GrpcStatus", status);
            Line(block, index, "GrpcMessage", Uri.UnescapeDataString(GrpcStatus(response, "grpc-message") ?? ""));
        }

        foreach (var (name, values) in response.Headers.NonValidated
            .Concat(response.Content.Headers.NonValidated)
            .Concat(arguments.IsGrpc ? response.TrailingHeaders.NonValidated : default))
        {
            foreach (var value in values)
            {
                Line(block, index, "ResponseHeader", $"{name}:{value}");
            }
        }

        foreach (var line in Text(body).ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            block.Append(CultureInfo.InvariantCulture, $"[{index} body] {line}\n");
        }

        return block.ToString();
    }

    private HttpRequestMessage HttpRequest() => new(new HttpMethod(arguments.Method), arguments.Url)
    {
        Version = arguments.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
        VersionPolicy = arguments.Http2 ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower,
    };

    private HttpRequestMessage GrpcRequest() => new(HttpMethod.Post, $"http://{arguments.Url.Authority}{EchoMessage.Path}")
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Headers = { TE = { new TransferCodingWithQualityHeaderValue("trailers") } },
        Content = new ByteArrayContent(EchoMessage.Frame("client")) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
    };

    private string Text(byte[] body) => arguments.IsGrpc ? string.Concat(EchoMessage.Read(body)) : Encoding.UTF8.GetString(body);

    private static string? GrpcStatus(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var trailing) ? trailing.First()
        : response.Headers.TryGetValues(name, out var leading) ? leading.First()
        : null;

    private static void Line(StringBuilder block, int index, string name, string value) =>
        block.Append(CultureInfo.InvariantCulture, $"[{index}] {name}={value}\n");
}
