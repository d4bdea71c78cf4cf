using System.Text;
using System.Text.Json;
using MeshSdk.Resources;
using MeshSdk.Resources.Json;
using MeshSdk.Sources;

namespace MeshSdk.Tests.Resources.Json;

public sealed class CertificateObjectTests
{
    [Theory]
    [InlineData("tls.crt", "tls.key", "ca.crt", "ca.crl")]
    [InlineData("cert", "key", "cacert", "crl")]
    public void A_secret_is_read_under_the_names_of_kubernetes_and_of_istio(string certificate, string key, string authority, string revocations)
    {
        var secret = Secret($$"""
            {"metadata":{"name":"s"},"type":"kubernetes.io/tls","data":{"{{certificate}}":"{{Encoded("leaf")}}","{{key}}":"{{Encoded("private")}}","{{authority}}":"{{Encoded("root")}}","{{revocations}}":"{{Encoded("list")}}","password":"{{Encoded("hunter2")}}" } }
            """);

        Assert.Equal("leaf", secret.Certificates.Credential?.Certificate);
        Assert.Equal("private", secret.Certificates.Credential?.Key?.Value);
        Assert.Equal("root", secret.Certificates.Authorities);
        Assert.Equal("list", secret.Certificates.Revocations);
    }

    [Fact]
    public void A_secret_may_be_written_in_plain_text()
    {
        var secret = Secret($$"""{"metadata":{"name":"s"},"data":{"tls.crt":"{{Encoded("old")}}" },"stringData":{"tls.crt":"new","tls.key":"private"} }""");

        Assert.Equal(("new", "private"), (secret.Certificates.Credential?.Certificate, secret.Certificates.Credential?.Key?.Value));
    }

    [Fact]
    public void A_certificate_without_its_key_is_no_credential() =>
        Assert.Null(Secret("""{"metadata":{"name":"s"},"stringData":{"tls.crt":"leaf"}}""").Certificates.Credential);

    [Fact]
    public void A_key_is_in_no_text_that_is_made_of_it()
    {
        const string Key = "-----BEGIN PRIVATE KEY-----";
        var secret = Secret($$"""{"metadata":{"name":"s"},"data":{"tls.key":"{{Encoded(Key)}}" },"stringData":{"key":"{{Key}}" } }""");

        var texts = new[]
        {
            JsonSerializer.Serialize(secret, ResourceJsonContext.Default.CertificateSecret), $"{secret}", $"{secret.Data}", $"{secret.StringData}", $"{secret.Certificates.Credential}",
        };

        Assert.All(texts, text => Assert.DoesNotContain(Key, text, StringComparison.Ordinal));
        Assert.All(texts, text => Assert.DoesNotContain(Encoded(Key), text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_fingerprint_sees_another_key()
    {
        const string One = """{"metadata":{"name":"s"},"stringData":{"tls.key":"one"}}""";

        Assert.Equal(ResourceFingerprint.Of(Secret(One)), ResourceFingerprint.Of(Secret(One)));
        Assert.NotEqual(ResourceFingerprint.Of(Secret(One)), ResourceFingerprint.Of(Secret(One.Replace("one", "two", StringComparison.Ordinal))));
    }

    [Fact]
    public void What_is_not_in_base64_is_a_problem_that_names_its_field_and_does_not_repeat_it()
    {
        var content = ManifestReader.Read(
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: s}
            data:
              tls.key: "-----BEGIN PRIVATE KEY-----"
            """,
            "f.yaml");

        var problem = Assert.Single(content.Problems);
        Assert.Equal((DiagnosticSeverity.Error, "Secret default/s"), (problem.Severity, problem.Subject));
        Assert.DoesNotContain("PRIVATE", problem.ToString(), StringComparison.Ordinal);
        Assert.Empty(content.Resources);
        Assert.Equal([new ResourceKey("Secret", "default", "s")], content.Unreadable);
    }

    [Fact]
    public void Of_config_maps_that_of_the_mesh_is_read_as_such_and_all_others_for_certificates()
    {
        var content = ManifestReader.Read(
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: istio, namespace: istio-system}
            data: {mesh: "trustDomain: td"}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: ca, namespace: ns}
            data: {ca.crt: authority, other: "1"}
            """,
            "f.yaml");

        Assert.Empty(content.Problems);
        Assert.Equal("trustDomain: td", Assert.IsType<MeshConfigMap>(content.Resources[0]).Data.Mesh);
        Assert.Equal("authority", Assert.IsType<CertificateConfigMap>(content.Resources[1]).Certificates.Authorities);
    }

    [Theory]
    [InlineData("name", "Secret", "name")]
    [InlineData("kubernetes://name", "Secret", "name")]
    [InlineData("configmap://name", "ConfigMap", "name")]
    [InlineData("kubernetes-gateway://ns/name", null, null)]
    [InlineData("kubernetes://ns/name", null, null)]
    [InlineData("configmap://", null, null)]
    public void A_credential_name_means_one_object(string written, string? kind, string? name)
    {
        var found = CertificateReferences.Parse(written);

        Assert.Equal((kind, name), (found?.Kind, found?.Name));
    }

    private static string Encoded(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static CertificateSecret Secret(string json) => Assert.IsType<CertificateSecret>(
        ResourceKinds.TryGet("", "Secret", "s", out var kind) ? kind.Read(Encoding.UTF8.GetBytes(json)) : null);
}
