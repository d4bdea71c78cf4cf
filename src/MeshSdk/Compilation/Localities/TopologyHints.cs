using System.Collections.Immutable;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Localities;

/// <summary>
/// What the controller of the slices wants: each endpoint is for the callers of some nodes or zones. As kube-proxy does, hints are kept to only where every
/// ready endpoint has them and one of them is for this caller; those for nodes come first.
/// </summary>
internal static class TopologyHints
{
    public static EndpointRanks Rank(CallerPlace caller, IReadOnlyList<EndpointPlace> endpoints) =>
        Rank(caller.Node, endpoints, static hints => hints.ForNodes)
        ?? Rank(caller.Locality?.Zone, endpoints, static hints => hints.ForZones)
        ?? EndpointRanks.Even;

    private static EndpointRanks? Rank(string? own, IReadOnlyList<EndpointPlace> endpoints, Func<EndpointHints, ImmutableArray<HintTarget>?> targets)
    {
        if (string.IsNullOrEmpty(own))
        {
            return null;
        }

        var isAnyForUs = false;
        var excluded = new bool[endpoints.Count];
        for (var i = 0; i < excluded.Length; i++)
        {
            var hinted = (endpoints[i].Hints is { } hints ? targets(hints) : null).OrEmpty();
            var isForUs = hinted.Any(target => target?.Name == own);
            excluded[i] = !isForUs;
            if (endpoints[i].Health != EndpointHealth.Ready)
            {
                continue;
            }

            if (hinted.IsEmpty)
            {
                return null;
            }

            isAnyForUs |= isForUs;
        }

        return isAnyForUs ? EndpointRanks.Without(excluded) : null;
    }
}
