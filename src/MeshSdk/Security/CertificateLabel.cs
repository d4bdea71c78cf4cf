using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Security;

/// <summary>Certificates as people tell them from each other. Authorities of a mesh are often called alike, so that a name alone would not do.</summary>
internal static class CertificateLabel
{
    public static string Of(X509Certificate2 certificate) =>
        $"'{(certificate.Subject.Length == 0 ? "(no subject)" : PeerText.Clean(certificate.Subject))}' (serial {PeerText.Clean(certificate.SerialNumber)})";
}
