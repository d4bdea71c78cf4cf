using MeshSdk.Model;
using MeshSdk.Tool.Explain;

namespace MeshSdk.Tool.Describe;

/// <summary>Why an endpoint is spoken to in plaintext, or with which TLS.</summary>
internal static class TlsReason
{
    /// <param name="decided">What the policies of the mesh come to.</param>
    /// <param name="policy">The policy that holds for the endpoint's port.</param>
    /// <param name="stated">What the service itself asks for; null: nothing.</param>
    /// <param name="security">Whether the decision is kept to.</param>
    public static string Of(TlsMode decided, ExplainedPolicy policy, ClusterTls? stated, MeshSecurity security)
    {
        var reason = policy switch
        {
            _ when policy.HasBackendTls && stated is not null => $"{stated.Source} asks for it",
            { DestinationRule: null } => "no DestinationRule applies, and automatic mTLS is not in this version",
            { Tls: { } mode, DestinationRule: { } rule } => $"DestinationRule {rule.Namespace}/{rule.Name} says {mode}",
            { DestinationRule: { } rule } when decided != TlsMode.None =>
                $"the entry for this port in DestinationRule {rule.Namespace}/{rule.Name} says nothing of TLS, so its general policy counts",
            { DestinationRule: { } rule } => $"DestinationRule {rule.Namespace}/{rule.Name} states no TLS, and automatic mTLS is not in this version",
        };
        return decided != TlsMode.None && security == MeshSecurity.Off ? $"--security is off; else {reason}" : reason;
    }
}
