using System.Globalization;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Tls;

/// <summary>What is wrong with a peer authentication by itself, or means nothing where it stands.</summary>
internal static class PeerPolicyCheck
{
    public static void Report(PeerAuthentication policy, string rootNamespace, DiagnosticList diagnostics)
    {
        ReportMode(policy, policy.Spec.Mtls, "spec.mtls", diagnostics);
        if (policy.HasSelector && policy.Metadata.Namespace == rootNamespace)
        {
            diagnostics.Warning(
                policy, DiagnosticCode.Ignored, "spec.selector", "a policy for some pods counts in their own namespace alone, and not in the root namespace of the mesh; it is for nobody");
        }

        if (policy.Spec.PortLevelMtls is not { Count: > 0 } ports)
        {
            return;
        }

        if (!policy.HasSelector)
        {
            diagnostics.Warning(policy, DiagnosticCode.Ignored, "spec.portLevelMtls", "ports count only beside a selector, which says whose ports they are");
            return;
        }

        foreach (var (port, mtls) in ports)
        {
            if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || !ServicePorts.IsPort(number))
            {
                diagnostics.Error(policy, DiagnosticCode.UnsupportedValue, $"spec.portLevelMtls.{port}", "it is no port, and left out; the number of a port of the pod is expected");
            }

            ReportMode(policy, mtls, $"spec.portLevelMtls.{port}", diagnostics);
        }
    }

    private static void ReportMode(PeerAuthentication policy, PeerMutualTls? mtls, string path, DiagnosticList diagnostics)
    {
        if (mtls?.Mode is { } mode and not ("" or "UNSET" or "DISABLE" or "PERMISSIVE" or "STRICT"))
        {
            diagnostics.Error(
                policy, DiagnosticCode.UnsupportedValue, $"{path}.mode",
                mode == PeerMutualTls.Unreadable
                    ? "the policy cannot be read and has no last good version, so that it is taken for STRICT; mend it"
                    : $"'{mode}' is not known, and taken for STRICT; UNSET, DISABLE, PERMISSIVE and STRICT are known");
        }
    }
}
