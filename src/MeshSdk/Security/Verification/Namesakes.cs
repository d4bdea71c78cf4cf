using System.Security.Cryptography.X509Certificates;
using MeshSdk.Security.Trust;

namespace MeshSdk.Security.Verification;

/// <summary>
/// An authority that changes its key often keeps its name, and while both are trusted the platform may try the wrong one of them alone: a certificate need
/// not say which key signed it. Where a chain fails and there are such namesakes, it is tried with each of them by itself.
/// </summary>
internal static class Namesakes
{
    public static IEnumerable<X509ChainPolicy> PoliciesFor(IReadOnlyList<TrustAnchors>? anchors, X509Chain failed, DateTimeOffset now, PeerRole role)
    {
        var authorities = (anchors ?? []).SelectMany(static set => set.Authorities).DistinctBy(static authority => authority.Thumbprint).ToList();
        foreach (var alike in authorities.GroupBy(static authority => authority.Subject, StringComparer.Ordinal).Where(static group => group.Count() > 1))
        {
            foreach (var one in alike)
            {
                var policy = ChainPolicies.Trusting(authorities.Except(alike).Append(one), now, role);
                policy.ExtraStore.AddRange(failed.ChainPolicy.ExtraStore);
                yield return policy;
            }
        }
    }
}
