namespace MeshSdk.Compilation.Localities;

/// <summary>The labels by which nodes and pods say where they are.</summary>
internal static class TopologyLabels
{
    public const string Region = "topology.kubernetes.io/region";
    public const string Zone = "topology.kubernetes.io/zone";
    public const string SubZone = "topology.istio.io/subzone";
    public const string Host = "kubernetes.io/hostname";
    public const string Network = "topology.istio.io/network";
    public const string Cluster = "topology.istio.io/cluster";

    /// <summary>Of a pod: all three parts in one, joined by dots or slashes. It overrides what is known of the node.</summary>
    public const string IstioLocality = "istio-locality";

    /// <summary>Whether an endpoint's value is known without its pod.</summary>
    public static bool IsOfNode(string label) => label is Region or Zone or SubZone or Host;
}
