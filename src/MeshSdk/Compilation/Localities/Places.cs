using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Localities;

/// <summary>
/// Where something runs, from whatever says it. A pod that states its locality itself is believed; else the slice tells the zone, the node the rest, and
/// what the node does not tell (it may not be read) the labels that newer clusters copy from the node to its pods.
/// </summary>
internal sealed class Places(LocalityCache localities, Func<string, Node?> findNode)
{
    private static readonly Dictionary<string, string> NoLabels = [];

    /// <param name="zone">As the slice states it.</param>
    /// <param name="node">The name of the node.</param>
    /// <param name="pod">Null where it is not read.</param>
    public Locality Of(string? zone, string? node, Pod? pod)
    {
        var podLabels = pod?.Metadata.Labels ?? NoLabels;
        if (podLabels.TryGetValue(TopologyLabels.IstioLocality, out var stated) && stated.Length > 0)
        {
            var parts = stated.Split(stated.Contains('/') ? '/' : '.', 3);
            return localities.Of(parts[0], parts.ElementAtOrDefault(1), parts.ElementAtOrDefault(2));
        }

        node ??= pod?.Spec.NodeName;
        var nodeLabels = (node is null ? null : findNode(node)?.Metadata.Labels) ?? NoLabels;
        return localities.Of(
            Label(TopologyLabels.Region),
            string.IsNullOrEmpty(zone) ? Label(TopologyLabels.Zone) : zone,
            Label(TopologyLabels.SubZone));

        string? Label(string name) => nodeLabels.GetValueOrDefault(name) is { Length: > 0 } ofNode ? ofNode : podLabels.GetValueOrDefault(name);
    }
}
