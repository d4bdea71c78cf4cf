using MeshSdk.Tool.Output;

namespace MeshSdk.Tool.Policies;

/// <summary>TLS of a port for people.</summary>
internal static class TlsText
{
    public static void Write(IndentedText text, EffectiveTls tls)
    {
        text.Line($"TLS: {tls.Mode}{(tls.Source is { } source ? $", of {source}" : "")}");
        using (text.Indent())
        {
            text.Line($"Sends SNI: {tls.Sni ?? "the name that was dialled"}");
            text.Line($"Verifies: {Verified(tls)}");
            if (tls.Revocations is { } revocations)
            {
                text.Line($"Revoked certificates: {revocations}");
            }

            text.Line($"Shows: {tls.Shows ?? "no certificate"}");
            if (tls.Fault is { } fault)
            {
                text.Line($"WARNING: Every call is answered 503 UF: {fault}");
            }
        }
    }

    private static string Verified(EffectiveTls tls) => tls switch
    {
        { SkipsVerification: true } => "nothing (insecureSkipVerify): anybody may be at the other end",
        { SubjectAltNames.Count: > 0 } => $"{string.Join(" or ", tls.SubjectAltNames)}, by {tls.Trust}",
        { Mode: "istio" } => $"the identity of each endpoint's pod, by {tls.Trust}",
        _ => $"{tls.Sni ?? "the name that was dialled"}, by {tls.Trust}",
    };
}
