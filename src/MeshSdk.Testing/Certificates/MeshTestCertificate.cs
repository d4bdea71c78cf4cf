using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MeshSdk.Testing;

/// <summary>A certificate with its key and what it is under, of a <see cref="MeshCertificateAuthority"/>.</summary>
public sealed class MeshTestCertificate
{
    internal MeshTestCertificate(X509Certificate2 leaf, X509Certificate2Collection chain, string rootPem)
    {
        // TLS on some platforms uses no key that has never been in a file.
        Certificate = X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
        Chain = [.. chain];
        RootPem = rootPem;
    }

    /// <summary>The leaf, with its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>What is sent with the leaf.</summary>
    public IReadOnlyList<X509Certificate2> Chain { get; }

    /// <summary>What peers have to trust, as PEM.</summary>
    public string RootPem { get; }

    /// <summary>The leaf and what is sent with it, as PEM.</summary>
    public string ChainPem => string.Join('\n', Chain.Prepend(Certificate).Select(static certificate => certificate.ExportCertificatePem())) + "\n";

    /// <summary>The private key, as PEM (PKCS#8).</summary>
    public string KeyPem => ((AsymmetricAlgorithm?)Certificate.GetECDsaPrivateKey() ?? Certificate.GetRSAPrivateKey()!).ExportPkcs8PrivateKeyPem() + "\n";

    /// <summary>As the mesh uses it, believing the peers of its own root.</summary>
    public MeshIdentity ToIdentity() => new(Certificate, Chain, [new TrustBundle(null, [X509Certificate2.CreateFromPem(RootPem)])]);

    /// <summary>
    /// Writes <c>cert-chain.pem</c>, <c>key.pem</c> (for the owner alone) and <c>root-cert.pem</c> into a directory, as istio-agent does; each file is
    /// replaced as a whole.
    /// </summary>
    public void WriteTo(string directory)
    {
        Directory.CreateDirectory(directory);
        Replace(Path.Combine(directory, "key.pem"), KeyPem, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Replace(Path.Combine(directory, "cert-chain.pem"), ChainPem, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        Replace(Path.Combine(directory, "root-cert.pem"), RootPem + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    private static void Replace(string path, string text, UnixFileMode mode)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        var next = $"{path}.{Guid.NewGuid():n}";
        using (var writer = new StreamWriter(next, options))
        {
            writer.Write(text);
        }

        File.Move(next, path, overwrite: true);
    }
}
