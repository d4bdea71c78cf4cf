using System.Collections.Immutable;

namespace MeshSdk.Compilation.Localities;

/// <summary>
/// Priorities by labels, as istiod numbers them: of N labels the first one in which an endpoint differs, at position j, gives N−j, and none gives 0. A
/// difference in the network, where that stands first, adds N and the rest is compared all the same, so that the order within another network is kept.
/// </summary>
/// <remarks>
/// Labels of places that the caller does not know of itself are passed over. Network and cluster of an endpoint are the caller's own unless its pod says
/// otherwise.
/// </remarks>
internal sealed class FailoverPriorities(CallerPlace caller, ImmutableArray<PriorityLabel> labels)
{
    /// <summary>Nothing is known that endpoints could be compared with.</summary>
    public bool IsBlind => caller.Labels.Count == 0 && caller.Locality is null && caller.Node is null && labels.All(static label => label.Value is null);

    public int Of(in EndpointPlace endpoint)
    {
        var otherNetwork = 0;
        for (var i = 0; i < labels.Length; i++)
        {
            if (Matches(labels[i], endpoint))
            {
                continue;
            }

            if (i > 0 || labels[i] is not { Name: TopologyLabels.Network, Value: null })
            {
                return labels.Length - i + otherNetwork;
            }

            otherNetwork = labels.Length;
        }

        return otherNetwork;
    }

    private bool Matches(PriorityLabel label, in EndpointPlace endpoint)
    {
        var own = caller.ValueOf(label.Name);
        if (label.Value is { } stated)
        {
            return stated == (ValueOf(label.Name, endpoint) ?? "");
        }

        return label.Name switch
        {
            TopologyLabels.Region => own is null || Proximity.IsSameRegion(caller.Locality!, endpoint.Locality),
            TopologyLabels.Zone or TopologyLabels.SubZone or TopologyLabels.Host or TopologyLabels.Network or TopologyLabels.Cluster =>
                own is null || own == ValueOf(label.Name, endpoint),
            _ => (own ?? "") == (ValueOf(label.Name, endpoint) ?? ""),
        };
    }

    private string? ValueOf(string label, in EndpointPlace endpoint) => label switch
    {
        TopologyLabels.Region => endpoint.Locality.Region,
        TopologyLabels.Zone => endpoint.Locality.Zone,
        TopologyLabels.SubZone => endpoint.Locality.SubZone,
        TopologyLabels.Host => endpoint.Node,
        TopologyLabels.Network or TopologyLabels.Cluster => endpoint.Labels?.GetValueOrDefault(label) ?? caller.ValueOf(label),
        _ => endpoint.Labels?.GetValueOrDefault(label),
    };
}
