using System.Net;
using System.Net.Sockets;
using MeshSdk.Identity.Certificates;

namespace MeshSdk.Identity.Spiffe;

/// <summary>
/// Where the Workload API is, as the SPIFFE Workload Endpoint specification writes it: <c>unix:///path</c> or <c>tcp://IP:port</c>. A name in place of the IP
/// is not allowed there, since whoever answers for the name would hand out identities.
/// </summary>
internal static class WorkloadEndpoint
{
    private const string Unix = "unix:";
    private const string Tcp = "tcp://";

    /// <exception cref="IdentitySourceException">It is none that can be used.</exception>
    public static EndPoint Parse(string text)
    {
        if (text.StartsWith(Unix, StringComparison.OrdinalIgnoreCase))
        {
            return ParseUnix(text, text[Unix.Length..]);
        }

        if (text.StartsWith(Tcp, StringComparison.OrdinalIgnoreCase))
        {
            return ParseTcp(text, text[Tcp.Length..]);
        }

        throw Unusable(text, "it begins with neither 'unix:' nor 'tcp:'");
    }

    private static UnixDomainSocketEndPoint ParseUnix(string text, string rest)
    {
        var path = rest.StartsWith("//", StringComparison.Ordinal) ? rest[2..] : rest;
        if (!path.StartsWith('/'))
        {
            throw Unusable(text, "the path of a socket is absolute, with three slashes before it");
        }

        if (path.AsSpan().ContainsAny('?', '#'))
        {
            throw Unusable(text, "it has a query or a fragment");
        }

        try
        {
            return new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw Unusable(text, "the path is longer than one of a socket can be");
        }
        catch (PlatformNotSupportedException)
        {
            throw Unusable(text, "there are no Unix domain sockets on this platform");
        }
    }

    private static IPEndPoint ParseTcp(string text, string rest)
    {
        if (!IPEndPoint.TryParse(rest, out var endpoint))
        {
            throw Unusable(text, "after 'tcp://' there has to be an IP address, not a name, and a port, and nothing else");
        }

        return endpoint.Port is not 0 ? endpoint : throw Unusable(text, "it has no port");
    }

    private static IdentitySourceException Unusable(string text, string why) => new(
        $"'{RemoteText.Clean(text)}' is no address of a SPIFFE Workload API: {why}. SPIFFE_ENDPOINT_SOCKET is unix:///path/to/socket or tcp://IP:port");
}
