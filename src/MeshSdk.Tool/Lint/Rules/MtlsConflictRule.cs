using MeshSdk.Model;

namespace MeshSdk.Tool.Lint.Rules;

/// <summary>A destination rule that speaks to its service in a way that the peer authentications there refuse.</summary>
internal sealed class MtlsConflictRule : ILintRule
{
    public const string Code = "MtlsConflict";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        if (!subject.IsDestinationRule() || scene.ServiceOf(subject.Spec["host"].Text ?? "", subject.Namespace) is not { } service)
        {
            yield break;
        }

        var peers = scene.PeersOf(service.Split('/')[0]);
        foreach (var tls in subject.Spec["trafficPolicy"]["portLevelSettings"].Items.Prepend(subject.Spec["trafficPolicy"]).Select(static policy => policy["tls"]).Where(static tls => tls.Exists))
        {
            var mode = tls["mode"].Text ?? "DISABLE";
            if ((mode, peers.Mode) is ("ISTIO_MUTUAL", PeerMode.Disable) or ("DISABLE", PeerMode.Strict))
            {
                var field = tls["mode"].Exists ? tls["mode"] : tls;
                yield return field.Warning(
                    Code,
                    $"{peers.Text} for the pods of Service {service}, which take {(peers.Mode == PeerMode.Strict ? "mutual TLS" : "plaintext")} and nothing else; calls with {mode} fail there");
            }
        }
    }
}
