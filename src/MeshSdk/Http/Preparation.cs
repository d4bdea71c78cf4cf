using MeshSdk.Model;
using MeshSdk.Routing;
using MeshSdk.Transport;

namespace MeshSdk.Http;

/// <summary>Makes a message ready for the endpoint that was chosen: what it goes out as, and over which connections.</summary>
internal static class Preparation
{
    /// <param name="request">The message.</param>
    /// <param name="lease">Of the endpoint.</param>
    /// <param name="cluster">What its endpoints speak.</param>
    /// <param name="frontend">What was called.</param>
    /// <param name="profile">What the client wants of connections.</param>
    /// <param name="journal">What is changed.</param>
    /// <returns>How it is sent, and whether it names somebody else over the mesh's TLS: see <see cref="ForeignConnections"/>.</returns>
    public static (HttpProtocol Protocol, bool IsForeign) Apply(
        HttpRequestMessage request, EndpointLease lease, ClusterProtocol cluster, Frontend frontend, TransportProfile profile, ref RequestJournal journal)
    {
        ForwardedHeaders.Sanitize(request, ref journal);
        var tls = lease.Endpoint.Plan.Tls;
        if (tls is not null)
        {
            journal.ForwardScheme();
        }

        var protocol = ProtocolChoice.For(request, cluster, overMeshTls: tls is not null);
        ProtocolChoice.Apply(protocol, request, overMeshTls: tls is not null, ref journal);

        // Before an alias is put there.
        var isForeign = tls is not null && (protocol == HttpProtocol.Http2 || ProtocolChoice.IsSecure(request.RequestUri!)) && NamesSomebodyElse(request);

        // Credentials are looked up under the URI, so that it has to stay the one that was called.
        CanonicalUri.Apply(request, frontend, protocol, tls, keepsHost: profile.Credentials is not null, ref journal);
        return (protocol, isForeign);
    }

    // The names of a service are few, those that a caller or a filter puts into Host need not be.
    private static bool NamesSomebodyElse(HttpRequestMessage request) =>
        request.Headers.Host is { } host && request.RequestUri is { } uri
        && !host.Equals(uri.Authority, StringComparison.OrdinalIgnoreCase) && !host.Equals(uri.IdnHost, StringComparison.OrdinalIgnoreCase);
}
