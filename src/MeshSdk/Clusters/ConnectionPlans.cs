using MeshSdk.Model;
using MeshSdk.Security;
using MeshSdk.Transport;
using MeshSdk.Transport.Lanes;

namespace MeshSdk.Clusters;

/// <summary>
/// How the endpoints of one cluster are connected to, by one model. What asks for TLS, and cannot have it, gets a plan under which there are no
/// connections at all.
/// </summary>
internal sealed class ConnectionPlans(ClusterModel model, ClusterLanes? lanes, TransportSettings transport)
{
    private readonly ConnectionPlan _plaintext = new(model.Connections, lanes);

    // Endpoints of one account are nearly all there are.
    private readonly Dictionary<NameSet, ConnectionPlan> _secured = [];

    public ConnectionPlan For(EndpointModel endpoint) =>
        transport.IgnoresTls ? _plaintext
        : endpoint.Withheld is { } missing ? Refused(missing) with { IsWithheld = true }
        : endpoint.Tls == TlsMode.None ? _plaintext
        : _secured.TryGetValue(endpoint.SubjectAltNames, out var known) ? known
        : _secured[endpoint.SubjectAltNames] = Secured(endpoint.SubjectAltNames);

    private ConnectionPlan Secured(NameSet identities)
    {
        if (model.Tls is not { } tls)
        {
            return Refused("nothing says of which kind");
        }

        if (tls.Fault is { } fault)
        {
            return Refused(fault);
        }

        if (tls.Mode == TlsMode.Istio && identities.IsEmpty)
        {
            // Whoever has nothing to prove has proved it: there is no such set.
            return Refused("nobody can tell which identity an endpoint of it has to prove");
        }

        // Identities are not looked at in the other modes, and must not keep endpoints apart.
        var secured = new EndpointTls(tls, tls.Mode == TlsMode.Istio ? identities : NameSet.Empty);
        return _plaintext with
        {
            Tls = secured,
            TlsLifetime = Shorter(
                secured.NeedsIdentity ? transport.Security.Lifetimes.OfIdentity : TlsLifetimes.Longest,
                TlsLifetimes.Of(transport.Security.Connector.LifetimeOf(tls) ?? TlsLifetimes.Longest)),
        };
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private ConnectionPlan Refused(string why) => _plaintext with
    {
        Refusal = $"{model.Id} wants {(model.Tls is { } tls ? $"the TLS of {tls.Source}" : "TLS")}: {why}",
    };
}
