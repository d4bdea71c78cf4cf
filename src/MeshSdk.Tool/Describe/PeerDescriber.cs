using MeshSdk.Compilation.Tls;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Tool.Listing;

namespace MeshSdk.Tool.Describe;

/// <summary>Says what peer authentications come to for the pods behind a service, in the words of Istio's describe command.</summary>
internal sealed class PeerDescriber(ResourceStore store, string rootNamespace)
{
    /// <param name="service">Whose pods they are.</param>
    /// <param name="ports">Ports of the pods that its endpoints have.</param>
    /// <returns>Null where no policy is for any of them.</returns>
    public DescribedPeers? Describe(ServiceId service, IEnumerable<int> ports)
    {
        var modes = PeerModes.Of(store, service.Namespace, rootNamespace);
        if (!modes.Exist)
        {
            return null;
        }

        Dictionary<string, string>?[] pods = [.. PeerTargets.PodsBehind(service, store).Select(static pod => pod.Metadata.Labels)];
        StatedPeerMode[] workloads = pods.Length == 0 ? [modes.Namespace] : [.. pods.Select(labels => modes.Of(labels, port: 0))];
        var general = WordsOf(workloads);
        var entries = ports.Distinct().Order()
            .Select(port => (Port: port, Modes: pods.Select(labels => modes.Of(labels, port)).ToArray()))
            .Where(entry => entry.Modes.Length > 0 && !WordsOf(entry.Modes).SequenceEqual(general))
            .ToArray();
        return new DescribedPeers(
            general,
            [.. entries.Select(static entry => new DescribedPeerPort(entry.Port, WordsOf(entry.Modes)))],
            [
                .. workloads.Concat(entries.SelectMany(static entry => entry.Modes))
                    .Select(PolicyOf)
                    .OfType<PeerAuthentication>()
                    .Distinct()
                    .Select(static policy => new DescribedObject(policy.Metadata.Namespace, policy.Metadata.Name)),
            ]);
    }

    /// <summary>The one that says so; null where it is the default.</summary>
    private PeerAuthentication? PolicyOf(StatedPeerMode mode) => store.Peers.All.FirstOrDefault(policy => mode.Text.StartsWith($"{policy} ", StringComparison.Ordinal));

    private static string[] WordsOf(StatedPeerMode[] modes) => [.. modes.Select(static mode => WordOf(mode.Mode)).Distinct().Order(StringComparer.Ordinal)];

    private static string WordOf(PeerMode mode) => mode switch
    {
        PeerMode.Strict => "STRICT",
        PeerMode.Disable => "DISABLE",
        _ => "PERMISSIVE",
    };
}
