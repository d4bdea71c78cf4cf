using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MeshSdk.Security.Pem;
using MeshSdk.Testing;

namespace MeshSdk.Tests.Security.Pem;

public sealed class PemIdentityTests : IDisposable
{
    private const string Id = "spiffe://cluster.local/ns/shop/sa/cart";

    private readonly MeshCertificateAuthority _authority = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("mesh-").FullName;

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("PKCS#8", false)]
    [InlineData("PKCS#8", true)]
    [InlineData("SEC1", false)]
    [InlineData("SEC1 after its parameters", false)]
    [InlineData("PKCS#1", true)]
    public void A_key_may_have_any_of_the_usual_forms(string form, bool rsa)
    {
        var issued = _authority.Issue(Id, new MeshTestCertificateOptions { Rsa = rsa });
        var key = form switch
        {
            "PKCS#8" => issued.KeyPem,
            "PKCS#1" => issued.Certificate.GetRSAPrivateKey()!.ExportRSAPrivateKeyPem(),
            "SEC1" => issued.Certificate.GetECDsaPrivateKey()!.ExportECPrivateKeyPem(),
            _ => "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + issued.Certificate.GetECDsaPrivateKey()!.ExportECPrivateKeyPem(),
        };
        var identity = Read(issued.ChainPem, key, issued.RootPem);
        Assert.True(identity.Certificate.HasPrivateKey);
        Assert.Equal(issued.Certificate.Thumbprint, identity.Certificate.Thumbprint);
        Assert.Equal(Id, identity.Id?.ToString());
    }

    /// <summary>The first are told at once; the others are what a reader meets while files are replaced.</summary>
    [Theory]
    [InlineData("chain", "nothing of the kind", false)]
    [InlineData("chain", "", false)]
    [InlineData("key", "nothing of the kind", false)]
    [InlineData("root", "nothing of the kind", false)]
    [InlineData("chain", "half", true)]
    [InlineData("key", "half", true)]
    [InlineData("key", "another", true)]
    public void What_no_rotation_passes_through_is_told_from_what_it_does(string file, string text, bool mayPass)
    {
        var issued = _authority.Issue(Id);
        string In(string name, string good) => name != file ? good : text switch
        {
            "half" => good[..(good.Length / 2)],
            "another" => _authority.Issue(Id).KeyPem,
            _ => text,
        };

        var error = Assert.Throws<PemException>(() => Read(In("chain", issued.ChainPem), In("key", issued.KeyPem), In("root", issued.RootPem)));
        Assert.Equal(mayPass, error.MayPass);
    }

    [Fact]
    public void Roots_are_not_sent_and_the_chain_may_be_in_any_order()
    {
        var one = _authority.CreateIntermediate("one");
        var issued = one.Issue(Id);
        var leaf = issued.Certificate.ExportCertificatePem();
        var others = issued.Chain.Select(static c => c.ExportCertificatePem()).Reverse();
        var identity = Read(string.Join('\n', [leaf, issued.RootPem, .. others, leaf]), issued.KeyPem, issued.RootPem);
        Assert.Equal(issued.Chain.Select(static c => c.Thumbprint).Order(), identity.Intermediates.Select(static c => c.Thumbprint).Order());
    }

    [Fact]
    public void All_authorities_of_a_bundle_are_believed_and_its_lists_of_revoked_certificates()
    {
        using var other = new MeshCertificateAuthority("other");
        var issued = _authority.Issue(Id);
        var identity = Read(issued.ChainPem, issued.KeyPem, issued.RootPem + "\n# the next one\n" + other.Certificate.ExportCertificatePem(), _authority.Revoke(issued));
        var bundle = Assert.Single(identity.Bundles);
        Assert.Null(bundle.TrustDomain);
        Assert.Equal([_authority.Certificate.Thumbprint, other.Certificate.Thumbprint], bundle.Authorities.Select(static a => a.Thumbprint));
        Assert.Single(bundle.RevocationLists);
    }

    public static TheoryData<string, string, string> Broken => new()
    {
        { "key of another", "key.pem", "is not that of the certificate" },
        { "key of another sort", "key.pem", "is not that of the certificate" },
        { "encrypted PKCS#8", "key.pem", "is encrypted" },
        { "encrypted SEC1", "key.pem", "is encrypted" },
        { "no key", "key.pem", "holds no PEM private key" },
        { "empty key", "key.pem", "holds no PEM private key" },
        { "OpenSSH key", "key.pem", "'OPENSSH PRIVATE KEY' cannot be used" },
        { "half a key", "key.pem", "half written" },
        { "garbled key", "key.pem", "cannot be read" },
        { "no certificate", "cert-chain.pem", "holds no PEM certificate" },
        { "half a certificate", "cert-chain.pem", "half written" },
        { "garbled certificate", "cert-chain.pem", "certificate 1 cannot be read" },
        { "half of the second certificate", "cert-chain.pem", "half written" },
        { "root first", "cert-chain.pem", "the leaf has to come first" },
        { "no root", "root-cert.pem", "holds no PEM certificate" },
        { "half a root", "root-cert.pem", "half written" },
        { "no list", "ca-crl.pem", "holds no PEM revocation list" },
        { "garbled list", "ca-crl.pem", "revocation list 1 cannot be read" },
        { "missing key", "key.pem", "does not exist" },
        { "missing root", "root-cert.pem", "does not exist" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_cannot_be_used_is_named_with_its_file_and_nothing_of_a_key(string fault, string file, string problem)
    {
        using var intermediate = _authority.CreateIntermediate("between");
        var issued = intermediate.Issue(Id);
        var (chain, key, root, list) = (issued.ChainPem, issued.KeyPem, issued.RootPem, _authority.Revoke(issued));
        const string Garbled = "-----BEGIN X-----\nAAAA\n-----END X-----\n";
        switch (fault)
        {
            case "key of another": key = _authority.Issue(Id).KeyPem; break;
            case "key of another sort": key = _authority.Issue(Id, new() { Rsa = true }).KeyPem; break;
            case "encrypted PKCS#8":
                key = issued.Certificate.GetECDsaPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem(
                    "secret", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1000));
                break;
            case "encrypted SEC1":
                key = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n";
                break;
            case "no key": key = issued.RootPem; break;
            case "empty key": key = ""; break;
            case "OpenSSH key": key = Garbled.Replace("X", "OPENSSH PRIVATE KEY", StringComparison.Ordinal); break;
            case "half a key": key = key[..(key.Length / 2)]; break;
            case "garbled key": key = Garbled.Replace("X", "PRIVATE KEY", StringComparison.Ordinal); break;
            case "no certificate": chain = issued.KeyPem; break;
            case "half a certificate": chain = chain[..200]; break;
            case "garbled certificate": chain = Garbled.Replace("X", "CERTIFICATE", StringComparison.Ordinal); break;
            case "half of the second certificate": chain = chain[..^200]; break;
            case "root first": chain = issued.RootPem + "\n" + chain; break;
            case "no root": root = "# none yet\n"; break;
            case "half a root": root = root[..200]; break;
            case "no list": list = root; break;
            case "garbled list": list = Garbled.Replace("X", "X509 CRL", StringComparison.Ordinal); break;
        }

        var error = Assert.Throws<PemException>(() => Read(
            chain, fault == "missing key" ? null : key, fault == "missing root" ? null : root, list));
        Assert.Contains(Path.Combine(_directory, file), error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        var secret = string.Concat(issued.KeyPem.Split('\n').Where(static line => !line.StartsWith('-')));
        Assert.DoesNotContain(secret[60..100], error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_digest_tells_every_file_apart()
    {
        var issued = _authority.Issue(Id);
        string Digest(string chain, string root)
        {
            Write("cert-chain.pem", chain);
            Write("root-cert.pem", root);
            Write("key.pem", issued.KeyPem);
            using var texts = PemTexts.Read(Files);
            return texts.Digest;
        }

        var first = Digest(issued.ChainPem, issued.RootPem);
        Assert.Equal(first, Digest(issued.ChainPem, issued.RootPem));
        Assert.NotEqual(first, Digest(issued.ChainPem, issued.RootPem + " "));
        Assert.NotEqual(Digest("a", "bc"), Digest("ab", "c"));
    }

    private PemFiles Files => new(Path.Combine(_directory, "cert-chain.pem"), Path.Combine(_directory, "key.pem"), Path.Combine(_directory, "root-cert.pem"));

    private MeshIdentity Read(string chain, string? key, string? root, string? list = null)
    {
        Write("cert-chain.pem", chain);
        Write("key.pem", key);
        Write("root-cert.pem", root);
        Write("ca-crl.pem", list);
        using var texts = PemTexts.Read(Files.WithRevocations());
        return PemIdentity.Read(texts);
    }

    private void Write(string name, string? text)
    {
        if (text is not null)
        {
            File.WriteAllText(Path.Combine(_directory, name), text);
        }
    }
}
