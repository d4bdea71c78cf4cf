using System.Security.Cryptography;
using System.Text;

namespace MeshSdk.Kubernetes.Connection;

/// <summary>Tells one cluster from another.</summary>
internal static class ServerIdentity
{
    /// <summary>A hash over the cluster's authorities, in whatever order they stand; over host and port where there are none.</summary>
    public static string Of(ConnectionSettings settings, TlsMaterial material)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (material.ReadAuthority() is { } authority)
        {
            foreach (var certificate in authority.Select(static certificate => certificate.GetCertHashString(HashAlgorithmName.SHA256)).Order(StringComparer.Ordinal))
            {
                hash.AppendData(Encoding.ASCII.GetBytes(certificate));
            }
        }
        else
        {
            hash.AppendData(Encoding.UTF8.GetBytes(settings.Server.GetComponents(UriComponents.HostAndPort, UriFormat.UriEscaped)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
