using System.Collections.Immutable;
using MeshSdk.Compilation.Tls;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation;

/// <summary>
/// What takes the place of endpoints that were last heard of too long ago. Addresses of pods are used again, so an old one may be that of a stranger. A peer
/// that proves who it is may still be called there; one that does not is called by the cluster address of its service, which the cluster itself keeps true,
/// unless whoever answers there may be one that has to prove it.
/// </summary>
internal sealed class OutdatedEndpoints(Service service, ImmutableArray<TakenAddress> taken, bool verifiesPeers, DiagnosticList diagnostics)
{
    private const string Problem = "its endpoints were last heard of too long ago to call them without mutual TLS";

    /// <summary>Of slices of which some are outdated those that are not; old knowledge adds nothing to new.</summary>
    public static ImmutableArray<EndpointSlice> Drop(ImmutableArray<EndpointSlice> slices) =>
        slices.Any(static slice => slice.IsOutdated) && slices.Any(static slice => !slice.IsOutdated)
            ? slices.RemoveAll(static slice => slice.IsOutdated)
            : slices;

    /// <param name="slices">The service's, after <see cref="Drop"/>.</param>
    /// <param name="port">The port of the service that is to be called.</param>
    /// <param name="tls">How its endpoints are to be spoken to.</param>
    /// <param name="decisions">How each of them is to be spoken to.</param>
    /// <param name="prefersV6">The family of address that the service prefers.</param>
    /// <returns>Null where the endpoints can be used as they are.</returns>
    public ImmutableArray<EndpointModel>? StandInFor(ImmutableArray<EndpointSlice> slices, ServicePort port, PortTls tls, IReadOnlyList<EndpointTlsDecision> decisions, bool prefersV6)
    {
        if (!IsOld(slices))
        {
            return null;
        }

        // The proxy of the node leads calls to the cluster address to whoever is behind it now, and proves it.
        var isCarried = decisions.Count > 0 && decisions.All(static decision => decision.IsCarried);
        if (verifiesPeers && !isCarried && (tls.Mode is (TlsMode.Istio or TlsMode.Mutual) || decisions.Any(Proves)))
        {
            return null;
        }

        var isPlain = decisions.Count > 0 && decisions.All(static decision => decision is { Mode: TlsMode.None, Withheld: null });
        if (verifiesPeers && !isCarried && tls.WhyNoStandIn(isPlain) is { } why)
        {
            diagnostics.Error(
                service, DiagnosticCode.EndpointsOutdated, "",
                $"{Problem}, and its cluster address may not be called in their place: {why}; calls are answered with 503 until they are heard of again");
            return [];
        }

        if (ClusterAddress(prefersV6) is not { } address)
        {
            diagnostics.Error(
                service, DiagnosticCode.EndpointsOutdated, "",
                $"{Problem}, and it has no cluster address to be called by; calls are answered with 503 until they are heard of again");
            return [];
        }

        diagnostics.Info(service, DiagnosticCode.EndpointsOutdated, "", $"{Problem}; calls go to its cluster address {address} until they are heard of again");
        return [new EndpointModel(address, port.Port, EndpointHealth.Ready) { Tls = isCarried ? TlsMode.None : tls.Mode, IsTunneled = isCarried }];
    }

    /// <summary>Whether those endpoints are to be left out that do not prove who they are.</summary>
    public bool Concerns(ImmutableArray<EndpointSlice> slices) => verifiesPeers && IsOld(slices);

    /// <summary>Whether an endpoint is not called, unless it proves who it is.</summary>
    public static bool Proves(EndpointTlsDecision decision) => decision.Mode is TlsMode.Istio or TlsMode.Mutual;

    private static bool IsOld(ImmutableArray<EndpointSlice> slices) => slices.Any(static slice => slice.IsOutdated);

    private string? ClusterAddress(bool prefersV6)
    {
        string? other = null;
        foreach (var (text, _) in service.StatedAddresses())
        {
            // One that another service has leads there.
            if (PeerAddress.TryParse(text, out var address) && !taken.Any(lost => lost.Address == address.Text))
            {
                if (address.IsV6 == prefersV6)
                {
                    return address.Text;
                }

                other ??= address.Text;
            }
        }

        return other;
    }
}
