using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.AspNetCore.Identity;

/// <summary>The header in which a proxy tells the application behind it who has shown which certificate (Envoy's XFCC).</summary>
internal static class ForwardedClientCertificate
{
    public const string Header = "x-forwarded-client-cert";

    /// <summary>The element that Istio's sidecars write.</summary>
    /// <param name="own">To whom it was shown; null: that is left out.</param>
    /// <param name="peer">Who has shown it.</param>
    public static string Of(SpiffeId? own, MeshPeer peer)
    {
        var hash = peer.Certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();
        var by = own is null ? "" : $"By={own};";
        return $"{by}Hash={hash};Subject=\"{Quoted(peer.Certificate)}\";URI={peer.Id}";
    }

    // The peer's authority chooses the subject: what would end the quotation, or the header, must not.
    private static string Quoted(X509Certificate2 certificate) => string.Concat(
        certificate.SubjectName.Name.Select(static c => c is '"' or '\\' ? $"\\{c}" : c is >= ' ' and <= '~' ? c.ToString() : "?"));
}
