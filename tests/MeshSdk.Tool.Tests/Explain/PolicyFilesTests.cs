using MeshSdk.Testing;

namespace MeshSdk.Tool.Tests.Explain;

/// <summary>Files that destination rules name, and that are not there: told before a call is refused for want of them.</summary>
public sealed class PolicyFilesTests : IDisposable
{
    private const string Web =
        """
        apiVersion: v1
        kind: Service
        metadata: { name: web, namespace: shop }
        spec: { ports: [{ name: http, port: 80 }] }
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: { name: web-a, namespace: shop, labels: { kubernetes.io/service-name: web } }
        addressType: IPv4
        ports: [{ name: http, port: 1 }]
        endpoints: [{ addresses: [127.0.0.1] }]
        ---
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: { name: web, namespace: shop }
        spec: { host: web, trafficPolicy: { tls: 
        """;

    private readonly ManifestDirectory _manifests = new();
    private readonly MeshCertificateAuthority _authority = new();
    private readonly string _files = Directory.CreateTempSubdirectory("mesh-").FullName;

    public void Dispose()
    {
        _authority.Dispose();
        _manifests.Dispose();
        Directory.Delete(_files, recursive: true);
    }

    [Theory]
    [InlineData("mode: SIMPLE, caCertificates: DIR/gone.pem", "tls.caCertificates", "gone.pem")]
    [InlineData("mode: SIMPLE, caCertificates: DIR/text.pem", "tls.caCertificates", "text.pem")]
    [InlineData("mode: SIMPLE, caCertificates: DIR/root-cert.pem, caCrl: DIR/gone.pem", "tls.caCrl", "gone.pem")]
    [InlineData("mode: MUTUAL, caCertificates: DIR/root-cert.pem, clientCertificate: DIR/gone.pem, privateKey: DIR/key.pem", "tls.clientCertificate", "gone.pem")]
    [InlineData("mode: MUTUAL, caCertificates: DIR/root-cert.pem, clientCertificate: DIR/cert-chain.pem, privateKey: DIR/gone.pem", "tls.privateKey", "gone.pem")]
    [InlineData("mode: MUTUAL, caCertificates: DIR/root-cert.pem, clientCertificate: DIR/cert-chain.pem, privateKey: DIR/other.pem", "tls.privateKey", "other.pem")]
    public async Task What_cannot_be_used_is_told_by_each_command_that_is_where_calls_are_made(string tls, string field, string file)
    {
        Write(tls);

        var explained = Assert.Single((await RunAsync("explain", "http://web", "-o", "json")).Json.GetProperty("diagnostics").EnumerateArray());
        Assert.Equal(
            ("warning", "FileUnusable", "DestinationRule shop/web", field),
            (explained.GetProperty("severity").GetString(), explained.GetProperty("code").GetString(), explained.GetProperty("object").GetString(), explained.GetProperty("path").GetString()));
        Assert.Contains(Path.Combine(_files, file), explained.GetProperty("message").GetString(), StringComparison.Ordinal);

        var described = (await RunAsync("describe", "service", "web", "-o", "json")).Json.GetProperty("problems").EnumerateArray();
        Assert.Contains(described, problem => problem.GetProperty("path").GetString() == field);

        var curl = await RunAsync("curl", "http://web");
        Assert.Contains(curl.ErrorLines, line => line.StartsWith($"mesh: warning: DestinationRule shop/web {field}: {_files}", StringComparison.Ordinal));
        Assert.DoesNotContain("PRIVATE KEY", curl.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("on", "mode: SIMPLE, caCertificates: DIR/root-cert.pem")]
    [InlineData("on", "mode: MUTUAL, caCertificates: DIR/root-cert.pem, clientCertificate: DIR/cert-chain.pem, privateKey: DIR/key.pem")]
    [InlineData("off", "mode: SIMPLE, caCertificates: DIR/gone.pem")]
    public async Task What_is_there_or_not_needed_is_no_matter(string security, string tls)
    {
        Write(tls);

        Assert.Empty((await RunAsync("explain", "http://web", "-o", "json", "--security", security)).Json.GetProperty("diagnostics").EnumerateArray());
        Assert.DoesNotContain("FileUnusable", (await RunAsync("describe", "service", "web", "--security", security)).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lint_runs_elsewhere_and_looks_at_no_file()
    {
        Write("mode: SIMPLE, caCertificates: DIR/gone.pem, sni: web.example");

        Assert.DoesNotContain("gone.pem", (await RunAsync("lint")).Out, StringComparison.Ordinal);
    }

    private void Write(string tls)
    {
        _authority.Issue("spiffe://cluster.local/ns/shop/sa/web").WriteTo(_files);
        File.WriteAllText(Path.Combine(_files, "text.pem"), "nothing of the kind");
        File.WriteAllText(Path.Combine(_files, "other.pem"), _authority.Issue("spiffe://cluster.local/ns/shop/sa/other").KeyPem);
        _manifests.Write("mesh.yaml", $"{Web}{{ {tls.Replace("DIR", _files, StringComparison.Ordinal)} }} }} }}");
    }

    private Task<ToolRun> RunAsync(params string[] args) => ToolRun.Of([.. args, "--manifests", _manifests.Path, .. args[0] == "lint" ? [] : (string[])["-n", "shop"]]);
}
