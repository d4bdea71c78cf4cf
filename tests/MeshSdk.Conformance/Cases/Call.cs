using System.Net.Http.Headers;
using MeshSdk.Conformance.Echo;

namespace MeshSdk.Conformance.Cases;

/// <summary>One request of a case.</summary>
/// <param name="Method">An HTTP method.</param>
/// <param name="Url">Absolute, or from the scenario's own host on.</param>
internal sealed record Call(string Method, string Url)
{
    private static readonly HttpRequestOptionsKey<bool> Unary = new("MeshSdk.GrpcUnary");

    /// <summary>The namespace that the calling application is in; null: the scenario's.</summary>
    public string? From { get; init; }

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public string? Body { get; init; }

    public bool IsGrpc { get; init; }

    /// <summary>A gRPC call that says of itself that it is no stream, as a gRPC client may: the wire does not tell.</summary>
    public bool IsUnary { get; init; }

    /// <summary>By which the servers' notes of this call are found; a new one for every time that it is sent.</summary>
    public string Id { get; init; } = "";

    public static Call Get(string url, params (string Name, string Value)[] headers) => new("GET", url) { Headers = headers };

    public static Call Send(string method, string url, params (string Name, string Value)[] headers) => new(method, url) { Headers = headers };

    public static Call Grpc(string path, params (string Name, string Value)[] metadata) => new("POST", path) { Headers = metadata, IsGrpc = true };

    /// <summary>Says what is asked, in the way of a command line.</summary>
    public override string ToString() => string.Join(
        ' ',
        [.. From is null ? Array.Empty<string>() : [$"{From}:"], IsUnary ? "unary gRPC" : IsGrpc ? "gRPC" : Method, Url, .. Headers.Select(static header => $"{header.Name}:{header.Value}")]);

    public HttpRequestMessage ToRequest(Version version)
    {
        var request = new HttpRequestMessage(new HttpMethod(Method), Url) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        if (IsGrpc)
        {
            request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
            request.Options.Set(Unary, IsUnary);
            request.Content = new ByteArrayContent(EchoMessage.Frame("conformance")) { Headers = { ContentType = new("application/grpc") } };
        }
        else if (Body is not null)
        {
            request.Content = new StringContent(Body);
        }

        foreach (var (name, value) in Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.Remove(name);
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        request.Headers.Add(EchoRequest.CallHeader, Id);
        return request;
    }
}
