using System.Net.Http.Headers;

namespace MeshSdk.LoadBalancing.Hashing;

/// <summary>
/// Hashes a header, of the request or of its body, as it goes out: the HTTP stack writes several values as one line, and one line is one value to an Envoy
/// that hashes the same request. The list that Envoy makes of several lines of one name is never needed here.
/// </summary>
internal sealed class HeaderHash(string name, Random random) : RequestHash(random)
{
    private readonly Part _part = name.ToLowerInvariant() switch
    {
        "host" or ":authority" => Part.Authority,
        ":path" => Part.Path,
        ":method" => Part.Method,
        _ => Part.Header,
    };

    protected override bool TryHash(in PickContext context, out ulong hash)
    {
        var request = context.Request;
        switch (_part)
        {
            case Part.Authority:
                hash = Authority(request);
                return true;
            case Part.Path:
                hash = XxHash.Of(request.RequestUri!.PathAndQuery);
                return true;
            case Part.Method:
                hash = XxHash.Of(request.Method.Method);
                return true;
            default:
                hash = 0;
                return TryHash(request.Headers, ref hash) || (request.Content is { } content && TryHash(content.Headers, ref hash));
        }
    }

    private bool TryHash(HttpHeaders headers, ref ulong hash)
    {
        if (!headers.NonValidated.TryGetValues(name, out var values) || values.Count == 0)
        {
            return false;
        }

        // With the separator of the header, which is not always a comma; of one value no copy.
        hash = XxHash.Of(values.ToString());
        return true;
    }

    private static ulong Authority(HttpRequestMessage request)
    {
        if (request.Headers.Host is { } host)
        {
            return XxHash.Of(host);
        }

        // As it goes out: the port where it is not that of the scheme, IPv6 addresses in brackets.
        var uri = request.RequestUri!;
        var name = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        if (uri.IsDefaultPort)
        {
            return XxHash.Of(name);
        }

        const int LongestPort = 6;
        var length = name.Length + LongestPort;
        Span<char> authority = length <= 256 ? stackalloc char[length] : new char[length];
        authority.TryWrite($"{name}:{uri.Port}", out var written);
        return XxHash.Of(authority[..written]);
    }

    private enum Part
    {
        Header,
        Authority,
        Path,
        Method,
    }
}
