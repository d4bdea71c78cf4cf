using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Identity.Istiod;

/// <summary>The authorities of the mesh as istiod writes them into a ConfigMap of every namespace: by them istiod itself is believed, and, with those that it names, peers.</summary>
internal static class RootFile
{
    /// <exception cref="IssuanceException">There are none.</exception>
    public static IReadOnlyList<X509Certificate2> Read(string file)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPem(File.ReadAllText(file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new IssuanceException(
                IssuanceFailure.Local,
                $"the authorities that istiod is believed by cannot be read: {exception.Message} A pod gets them by mounting the ConfigMap istio-ca-root-cert, which istiod "
                + "keeps in every namespace");
        }
        catch (CryptographicException)
        {
            throw Unusable(file, "a certificate that cannot be read");
        }

        return roots.Count > 0 ? [.. roots] : throw Unusable(file, "no certificate");
    }

    private static IssuanceException Unusable(string file, string why) =>
        new(IssuanceFailure.Local, $"{file}, which is to hold the authorities that istiod is believed by as PEM, holds {why}");
}
