using MeshSdk.Model;
using MeshSdk.Tool.Output;
using MeshSdk.Tool.Policies;

namespace MeshSdk.Tool.Tests.Policies;

/// <summary>What is said of the TLS of a cluster: everything that a policy states, and nothing that is secret.</summary>
public sealed class TlsTextTests
{
    private static readonly ClusterTls Istio = new()
    {
        Source = "DestinationRule shop/rule",
        Mode = TlsMode.Istio,
        ServerName = "outbound_.80_._.web.shop.svc.cluster.local",
        Trust = TlsTrust.Mesh,
    };

    private static readonly ClusterTls Simple = Istio with { Mode = TlsMode.Simple, ServerName = null, Trust = TlsTrust.System };

    [Fact]
    public void Mutual_TLS_of_the_mesh_verifies_the_pods() => Assert.Equal(
        """
        TLS: istio, of DestinationRule shop/rule
           Sends SNI: outbound_.80_._.web.shop.svc.cluster.local
           Verifies: the identity of each endpoint's pod, by the trust bundles of the mesh
           Shows: the caller's mesh identity

        """,
        Text(Istio));

    [Fact]
    public void Simple_TLS_verifies_the_name_that_was_dialled() => Assert.Equal(
        """
        TLS: simple, of DestinationRule shop/rule
           Sends SNI: the name that was dialled
           Verifies: the name that was dialled, by the authorities of the system
           Shows: no certificate

        """,
        Text(Simple));

    [Fact]
    public void Names_files_and_lists_are_told()
    {
        var mutual = Simple with
        {
            Mode = TlsMode.Mutual,
            ServerName = "web.example",
            DnsNames = ["b.example", "a.example"],
            Uris = ["spiffe://a/b"],
            Trust = new TlsTrust { Kind = TlsTrustKind.Given, AuthoritiesFile = "/etc/ca.pem", RevocationsFile = "/etc/crl.pem" },
            Credential = new TlsCredential { CertificateFile = "/etc/tls.crt", KeyFile = "/etc/tls.key" },
        };

        Assert.Equal(
            """
            TLS: mutual, of DestinationRule shop/rule
               Sends SNI: web.example
               Verifies: a.example or b.example or spiffe://a/b, by the authorities in /etc/ca.pem
               Revoked certificates: /etc/crl.pem
               Shows: the certificate in /etc/tls.crt

            """,
            Text(mutual));
    }

    [Fact]
    public void A_name_that_is_sent_is_verified_where_no_other_is_given() =>
        Assert.Contains("Verifies: web.example, by the authorities of the system\n", Text(Simple with { ServerName = "web.example" }), StringComparison.Ordinal);

    [Fact]
    public void What_is_not_verified_is_told() =>
        Assert.Contains("Verifies: nothing (insecureSkipVerify): anybody may be at the other end\n", Text(Simple with { SkipsVerification = true }), StringComparison.Ordinal);

    [Fact]
    public void What_can_never_be_is_a_warning() =>
        Assert.Contains("   WARNING: Every call is answered 503 UF: /etc/ca.pem is not there\n", Text(Simple with { Fault = "/etc/ca.pem is not there" }), StringComparison.Ordinal);

    [Fact]
    public void No_key_and_no_certificate_is_written()
    {
        var tls = Simple with
        {
            Mode = TlsMode.Mutual,
            Trust = new TlsTrust { Kind = TlsTrustKind.Given, Authorities = "PEM-OF-AUTHORITY", Revocations = "PEM-OF-LIST" },
            Credential = new TlsCredential { Certificate = "PEM-OF-CERTIFICATE", Key = new SecretText("PEM-OF-KEY") },
        };

        Assert.Equal(
            """
            TLS: mutual, of DestinationRule shop/rule
               Sends SNI: the name that was dialled
               Verifies: the name that was dialled, by the authorities of an object
               Revoked certificates: those of an object
               Shows: the certificate of an object

            """,
            Text(tls));
        Assert.DoesNotContain("PEM", $"{Read(tls)}", StringComparison.Ordinal);
    }

    private static EffectiveTls Read(ClusterTls tls) => TlsReader.Read(new ClusterModel { Id = new ClusterId("shop", "web", 80), Host = "web", Endpoints = [], Tls = tls })!;

    private static string Text(ClusterTls tls)
    {
        var text = new IndentedText();
        TlsText.Write(text, Read(tls));
        return text.ToString();
    }
}
