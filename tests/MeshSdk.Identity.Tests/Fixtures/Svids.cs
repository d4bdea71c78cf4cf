using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using MeshSdk.Identity.Tests.Protocol;
using MeshSdk.Testing;

namespace MeshSdk.Identity.Tests.Fixtures;

/// <summary>Messages of the Workload API out of certificates.</summary>
internal static class Svids
{
    public const string Client = "spiffe://cluster.local/ns/istio-test/sa/client";

    public static X509SVID Svid(this MeshCertificateAuthority authority, string id = Client, string hint = "", MeshTestCertificateOptions? options = null)
    {
        var certificate = authority.Issue(id, options);
        return new X509SVID
        {
            SpiffeId = id,
            X509Svid = Der([certificate.Certificate, .. certificate.Chain]),
            X509SvidKey = Key(certificate),
            Bundle = Der(authority.Root.Certificate),
            Hint = hint,
        };
    }

    public static X509SVIDResponse Message(params X509SVID[] svids)
    {
        var message = new X509SVIDResponse();
        message.Svids.AddRange(svids);
        return message;
    }

    public static X509SVIDResponse Message(this MeshCertificateAuthority authority) => Message(authority.Svid());

    public static ByteString Key(MeshTestCertificate certificate) =>
        ByteString.CopyFrom(PemEncoding.Find(certificate.KeyPem) is var fields ? Convert.FromBase64String(certificate.KeyPem[fields.Base64Data]) : []);

    public static ByteString Der(params X509Certificate2[] certificates) =>
        ByteString.CopyFrom([.. certificates.SelectMany(static certificate => certificate.RawData)]);

    /// <summary>As it comes to the client.</summary>
    public static MeshSdk.Identity.Protocol.X509SVIDResponse Received(this X509SVIDResponse message) =>
        MeshSdk.Identity.Protocol.X509SVIDResponse.Parser.ParseFrom(message.ToByteArray());
}
