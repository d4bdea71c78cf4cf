using System.Collections.Immutable;
using System.Net;
using MeshSdk.Routing;
using MeshSdk.Tool.CommandLine;

namespace MeshSdk.Tool.Explain;

/// <summary>A request as the caller states it, before the mesh has a look at it.</summary>
internal sealed class MeshRequest
{
    private readonly bool _grpcClient;

    private MeshRequest(string method, Uri url, ImmutableArray<KeyValuePair<string, string>> headers, bool grpc)
    {
        Method = method;
        Url = url;
        HostHeader = headers.LastOrDefault(IsHost).Value;
        Headers = [.. headers.Where(static h => !IsHost(h))];
        _grpcClient = grpc;

        // Built once here, so that what cannot be sent is refused where it is stated.
        using var message = ToMessage();
        IsGrpc = GrpcCall.Is(message);
    }

    public string Method { get; }

    public Uri Url { get; }

    /// <summary>Whether the call is answered in the manner of gRPC: by its content type, which plain requests can have too.</summary>
    public bool IsGrpc { get; }

    /// <summary>What the caller puts in place of the dialled authority; null: nothing.</summary>
    public string? HostHeader { get; }

    /// <summary>The caller's headers in the order given, Host left out.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Headers { get; }

    /// <summary>The authority as it goes out in the Host header.</summary>
    public string Host => HostHeader ?? Authority(Url);

    /// <exception cref="FormatException">Something cannot be part of a request; the message says what.</exception>
    public static MeshRequest Create(string? method, string url, IEnumerable<KeyValuePair<string, string>> headers, string? grpc = null)
    {
        var uri = RequestUrl.Parse(url);
        return grpc is null
            ? new MeshRequest(method ?? "GET", uri, [.. headers], grpc: false)
            : new MeshRequest("POST", WithPath(uri, GrpcPath(grpc)), [.. headers], grpc: true);
    }

    /// <exception cref="FormatException">A header or the method cannot be sent.</exception>
    public HttpRequestMessage ToMessage()
    {
        var message = new HttpRequestMessage(new HttpMethod(Method), Url);
        message.Headers.Host = HostHeader;
        foreach (var (name, value) in Headers)
        {
            AddHeader(message, name, value);
        }

        if (_grpcClient)
        {
            message.Version = HttpVersion.Version20;
            AddHeader(message, "te", "trailers");
            Content(message).Headers.Remove("content-type");
            AddHeader(message, "content-type", GrpcCall.MediaType);
        }

        return message;
    }

    /// <summary>Whether a header is there only because any gRPC client sends it.</summary>
    public bool IsAddedByClient(string name, string value) =>
        _grpcClient
        && ((name.Equals("te", StringComparison.OrdinalIgnoreCase) && value == "trailers")
            || (name.Equals("content-type", StringComparison.OrdinalIgnoreCase) && value == GrpcCall.MediaType))
        && !Headers.Any(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static void AddHeader(HttpRequestMessage message, string name, string value)
    {
        HeaderLine.RequireOneLine(name, value);
        if (!message.Headers.TryAddWithoutValidation(name, value) && !Content(message).Headers.TryAddWithoutValidation(name, value))
        {
            throw new FormatException($"header '{name}': not a header name");
        }
    }

    private static HttpContent Content(HttpRequestMessage message) => message.Content ??= new ByteArrayContent([]);

    private static string GrpcPath(string method)
    {
        var path = method.TrimStart('/');
        var slash = path.IndexOf('/');
        if (slash <= 0 || slash == path.Length - 1 || path.IndexOf('/', slash + 1) >= 0)
        {
            throw new FormatException($"gRPC method '{method}': SERVICE/METHOD is expected");
        }

        return "/" + path;
    }

    // The path of a gRPC channel's address plays no part in its calls.
    private static Uri WithPath(Uri uri, string path) => new UriBuilder(uri) { Path = path, Query = "", Fragment = "" }.Uri;

    private static string Authority(Uri uri)
    {
        var host = uri.HostNameType == UriHostNameType.IPv6 ? $"[{uri.IdnHost}]" : uri.IdnHost;
        return uri.IsDefaultPort ? host : $"{host}:{uri.Port}";
    }

    private static bool IsHost(KeyValuePair<string, string> header) => header.Key.Equals("host", StringComparison.OrdinalIgnoreCase);
}
