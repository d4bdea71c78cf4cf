using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.AspNetCore.Connections;

/// <summary>
/// The endpoints of Kestrel that the mesh knows of. Kestrel makes new ones each time that its configuration is read anew; of those that it lets go nothing is kept
/// here either.
/// </summary>
internal sealed class MeshEndpoints
{
    private readonly Lock _gate = new();
    private readonly ConditionalWeakTable<ListenOptions, Known> _known = [];

    /// <summary>Leads the connections of an endpoint through the mesh; once, however often that is asked for.</summary>
    public void Join(ListenOptions endpoint, MeshServer server)
    {
        lock (_gate)
        {
            var known = _known.GetOrCreateValue(endpoint);
            if (known.IsJoined)
            {
                return;
            }

            known.IsJoined = true;
        }

        endpoint.Use(next => new InboundPipeline(server, endpoint, next).OnConnectionAsync);
    }

    /// <summary>It is for probes and metrics.</summary>
    public void MarkPlaintext(ListenOptions endpoint)
    {
        lock (_gate)
        {
            _known.GetOrCreateValue(endpoint).IsPlaintext = true;
        }
    }

    /// <summary>Kestrel is about to listen there, and all that is configured of it is.</summary>
    public EndpointKind Bind(ListenOptions endpoint)
    {
        lock (_gate)
        {
            var address = endpoint.ToString();
            foreach (var (other, former) in _known)
            {
                // Two never listen at one address: it takes the place of that one. A port that is not chosen yet is none.
                if (other != endpoint && former.Kind is not null && endpoint.IPEndPoint is not { Port: 0 } && other.ToString() == address)
                {
                    former.Kind = null;
                }
            }

            var known = _known.GetOrCreateValue(endpoint);
            known.Kind = known.IsPlaintext ? EndpointKind.Plaintext : IsOwnTls(endpoint) ? EndpointKind.OwnTls : EndpointKind.Mesh;
            return known.Kind.Value;
        }
    }

    /// <summary>The numbers of the ports at which modes count; 0 for a socket that has none.</summary>
    public IReadOnlyCollection<int> Ports()
    {
        lock (_gate)
        {
            return [.. _known.Where(static one => one.Value.Kind is EndpointKind.Mesh or EndpointKind.OwnTls).Select(static one => one.Key.IPEndPoint?.Port ?? 0).Distinct()];
        }
    }

    /// <summary>Where Kestrel has come to listen, as it writes addresses, and what that is to the mesh.</summary>
    public IReadOnlyDictionary<string, EndpointKind> Addresses()
    {
        lock (_gate)
        {
            var addresses = new Dictionary<string, EndpointKind>(StringComparer.OrdinalIgnoreCase);
            foreach (var (endpoint, known) in _known)
            {
                if (known.Kind is { } kind)
                {
                    addresses[endpoint.ToString()!] = kind;
                }
            }

            return addresses;
        }
    }

    /// <summary>Where HTTP/3 is asked for, as Kestrel writes addresses. It never reaches what is done of an endpoint's connections here.</summary>
    public IReadOnlyList<string> Http3()
    {
        lock (_gate)
        {
            return
            [
                .. _known
                    .Where(static one => one.Value.IsJoined && one.Key.Protocols.HasFlag(HttpProtocols.Http3) && IsOwnTls(one.Key))
                    .Select(static one => one.Key.ToString()!),
            ];
        }
    }

    // Kestrel says so nowhere else.
    private static bool IsOwnTls(ListenOptions endpoint) => endpoint.ToString()?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true;

    private sealed class Known
    {
        public bool IsJoined { get; set; }

        public bool IsPlaintext { get; set; }

        /// <summary>Null: Kestrel does not listen there.</summary>
        public EndpointKind? Kind { get; set; }
    }
}
