using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Compilation.Policies;

/// <summary>Which TLS a policy asks for. What cannot be told is never plaintext.</summary>
internal static class TlsModeReader
{
    /// <summary>A block without a mode says DISABLE: that is the first value of the enumeration.</summary>
    /// <returns>Null where there is no block.</returns>
    public static string? ModeOf(ClientTlsSettings? tls)
    {
        if (tls is null)
        {
            return null;
        }

        return string.IsNullOrEmpty(tls.Mode) ? "DISABLE" : tls.Mode;
    }

    /// <param name="effective">For the port in question.</param>
    /// <param name="general">That of all ports.</param>
    /// <param name="block">Where <paramref name="effective"/> stands.</param>
    /// <param name="generalPath">Where <paramref name="general"/> stands.</param>
    public static TlsMode Read(TrafficPolicy? effective, TrafficPolicy? general, PolicyBlock block, string generalPath)
    {
        var generalMode = ModeOf(general?.Tls);
        switch (ModeOf(effective?.Tls))
        {
            case "ISTIO_MUTUAL":
                return TlsMode.Istio;
            case "SIMPLE":
                return TlsMode.Simple;
            case "MUTUAL":
                return TlsMode.Mutual;
            case "DISABLE":
                return TlsMode.None;
            case null when generalMode is null or "DISABLE" or "SIMPLE" or "MUTUAL":
                return TlsMode.None;
            case null when generalMode == "ISTIO_MUTUAL":
                // As istiod does: a port entry without TLS settings drops the general ones, but for this decision.
                return TlsMode.Istio;
            case null:
                // It may have been meant to be ISTIO_MUTUAL.
                Report(block with { Path = $"{generalPath}.tls.mode" }, generalMode!);
                return TlsMode.Mutual;
            case var unknown:
                Report(block with { Path = $"{block.Path}.tls.mode" }, unknown);
                return TlsMode.Mutual;
        }
    }

    private static void Report(PolicyBlock field, string mode) => field.Fault(mode == ClientTlsSettings.Unreadable
        ? "the TLS settings of this rule cannot be read and have no last good version, so nothing is sent in plaintext; mend the rule"
        : $"'{mode}' is not known, so nothing is sent in plaintext; DISABLE, SIMPLE, MUTUAL and ISTIO_MUTUAL are known");
}
