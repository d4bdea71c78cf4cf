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
    /// <returns>Null where nothing is said.</returns>
    public static StatedTls? Read(TrafficPolicy? effective, TrafficPolicy? general, PolicyBlock block, string generalPath)
    {
        if (effective?.Tls is { } settings)
        {
            return Read(settings, block with { Path = $"{block.Path}.tls" });
        }

        // As istiod does: a port entry without TLS settings drops the general ones, but for whether they mean the TLS of the mesh, or none. What may have been
        // meant to be so counts too. Settings for TLS of another kind leave nothing behind, and the mesh decides.
        return general?.Tls is not { } rest || rest.Mode is "SIMPLE" or "MUTUAL"
            ? null
            : Read(rest, block with { Path = $"{generalPath}.tls" }) with { Settings = null, IsLeftOver = true };
    }

    private static StatedTls Read(ClientTlsSettings settings, PolicyBlock block) => ModeOf(settings) switch
    {
        "ISTIO_MUTUAL" => new(TlsMode.Istio, settings, block),
        "SIMPLE" => new(TlsMode.Simple, settings, block),
        "MUTUAL" => new(TlsMode.Mutual, settings, block),
        "DISABLE" => new(TlsMode.None, settings, block),
        ClientTlsSettings.Unreadable => Unknown(
            block, "the TLS settings of this rule cannot be read and have no last good version, so nothing is sent in plaintext; mend the rule",
            "its TLS settings cannot be read"),
        var unknown => Unknown(
            block, $"'{unknown}' is not known, so nothing is sent in plaintext; DISABLE, SIMPLE, MUTUAL and ISTIO_MUTUAL are known",
            $"it states the mode '{unknown}', which is not known"),
    };

    private static StatedTls Unknown(PolicyBlock block, string message, string fault)
    {
        (block with { Path = $"{block.Path}.mode" }).Fault(message);
        return new(TlsMode.Mutual, null, block) { Fault = fault };
    }
}
