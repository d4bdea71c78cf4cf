using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.AspNetCore.Connections;

/// <summary>The endpoints of Kestrel that the mesh knows of.</summary>
internal sealed class MeshEndpoints
{
    private readonly Lock _gate = new();
    private readonly HashSet<ListenOptions> _joined = [];
    private readonly HashSet<ListenOptions> _plaintext = [];
    private readonly List<(ListenOptions Endpoint, EndpointKind Kind)> _bound = [];

    /// <summary>Leads the connections of an endpoint through the mesh; once, however often that is asked for.</summary>
    public void Join(ListenOptions endpoint, MeshServer server)
    {
        lock (_gate)
        {
            if (!_joined.Add(endpoint))
            {
                return;
            }
        }

        endpoint.Use(next => new InboundPipeline(server, endpoint, next).OnConnectionAsync);
    }

    /// <summary>It is for probes and metrics.</summary>
    public void MarkPlaintext(ListenOptions endpoint)
    {
        lock (_gate)
        {
            _plaintext.Add(endpoint);
        }
    }

    /// <summary>Kestrel is about to listen there, and all that is configured of it is.</summary>
    public EndpointKind Bind(ListenOptions endpoint)
    {
        lock (_gate)
        {
            var kind = _plaintext.Contains(endpoint) ? EndpointKind.Plaintext : IsOwnTls(endpoint) ? EndpointKind.OwnTls : EndpointKind.Mesh;
            _bound.Add((endpoint, kind));
            return kind;
        }
    }

    /// <summary>The numbers of the ports at which modes count; 0 for a socket that has none.</summary>
    public IReadOnlyCollection<int> Ports()
    {
        lock (_gate)
        {
            return [.. _bound.Where(static bound => bound.Kind != EndpointKind.Plaintext).Select(static bound => bound.Endpoint.IPEndPoint?.Port ?? 0).Distinct()];
        }
    }

    /// <summary>Where Kestrel has come to listen, as it writes addresses, and what that is to the mesh.</summary>
    public IReadOnlyDictionary<string, EndpointKind> Addresses()
    {
        lock (_gate)
        {
            var addresses = new Dictionary<string, EndpointKind>(StringComparer.OrdinalIgnoreCase);
            foreach (var (endpoint, kind) in _bound)
            {
                addresses[endpoint.ToString()!] = kind;
            }

            return addresses;
        }
    }

    /// <summary>Where HTTP/3 is asked for, as Kestrel writes addresses. It never reaches what is done of an endpoint's connections here.</summary>
    public IReadOnlyList<string> Http3()
    {
        lock (_gate)
        {
            return [.. _joined.Where(static one => one.Protocols.HasFlag(HttpProtocols.Http3) && IsOwnTls(one)).Select(static one => one.ToString()!)];
        }
    }

    // Kestrel says so nowhere else.
    private static bool IsOwnTls(ListenOptions endpoint) => endpoint.ToString()?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true;
}
