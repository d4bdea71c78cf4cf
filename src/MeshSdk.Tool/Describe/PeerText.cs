using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Describe;

/// <summary>Peer authentications in the lines that Istio's describe command has for those of a pod.</summary>
internal static class PeerText
{
    public static void Write(IndentedText text, DescribedPeers peers)
    {
        text.Line("Effective PeerAuthentication:");
        using (text.Indent())
        {
            text.Line($"Workload mTLS mode: {string.Join('/', peers.WorkloadMtlsMode)}");
            if (peers.PortLevelMtls.Count > 0)
            {
                text.Line("Port Level mTLS mode:");
                using (text.Indent())
                {
                    foreach (var entry in peers.PortLevelMtls)
                    {
                        text.Line($"{entry.Port}: {string.Join('/', entry.Mode)}");
                    }
                }
            }
        }

        if (peers.Applied.Count == 0)
        {
            return;
        }

        text.Line("Applied PeerAuthentication:");
        using (text.Indent())
        {
            foreach (var policy in peers.Applied)
            {
                text.Line($"{policy.Name}.{policy.Namespace}");
            }
        }
    }
}
