using System.Security.Cryptography.X509Certificates;
using EchoBackend;
using Microsoft.AspNetCore.Builder;

namespace MeshSdk.Samples.Tests.Echo;

/// <summary>The backend that answers where http-echo cannot: over mutual TLS.</summary>
public sealed class EchoServerTests : IDisposable
{
    private readonly MeshCertificates _authority = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("echo-").FullName;

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("-listen=:8080 -text=a=b -certs=/certs", 8080, "a=b", "/certs")]
    [InlineData("--text=hi --listen=0.0.0.0:1", 1, "hi", null)]
    [InlineData("", 5678, "hello", null)]
    public void Options_are_those_of_http_echo(string line, int port, string text, string? certificates) =>
        Assert.Equal(new EchoOptions(port, text, certificates), EchoOptions.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    [Theory]
    [InlineData("-listen=:many")]
    [InlineData("-text")]
    [InlineData("-certs=")]
    [InlineData("-unknown=1")]
    [InlineData("-status-code=99")]
    [InlineData("-delay=-1")]
    public void Other_options_are_refused(string arg) => Assert.Throws<ArgumentException>(() => EchoOptions.Parse([arg]));

    [Fact]
    public async Task Without_certificates_it_speaks_plain_http()
    {
        await using var server = await StartAsync(certificates: null);
        using var http = new HttpClient();

        Assert.Equal("hello from backend v1\n", await http.GetStringAsync(server.Urls.Single()));
    }

    [Fact]
    public async Task It_fails_and_dawdles_on_demand()
    {
        var options = EchoOptions.Parse(["-listen=:0", "-text=no", "-status-code=503", "-delay=1"]);
        Assert.Equal(new EchoOptions(0, "no", Certificates: null) { StatusCode = 503, Delay = TimeSpan.FromMilliseconds(1) }, options);
        await using var server = EchoServer.Create(options);
        await server.StartAsync(TestContext.Current.CancellationToken);
        using var http = new HttpClient();

        using var response = await http.GetAsync(server.Urls.Single());

        Assert.Equal((503, "no\n"), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData("cert-chain.pem", "key.pem", "root-cert.pem")]
    [InlineData("tls.crt", "tls.key", "ca.crt")]
    public async Task With_certificates_it_answers_those_who_have_one_too(string chain, string key, string roots)
    {
        Write((chain, key, roots), "backend");
        await using var server = await StartAsync(_directory);

        Assert.Equal(("hello from backend v1\n", "CN=backend"), await CallAsync(server, _authority.Client("client")));
        await Assert.ThrowsAsync<HttpRequestException>(() => CallAsync(server, client: null));
        using var stranger = new MeshCertificates();
        await Assert.ThrowsAsync<HttpRequestException>(() => CallAsync(server, stranger.Client("client")));
    }

    [Fact]
    public async Task Certificates_that_come_later_or_change_serve_the_next_connection()
    {
        var layout = ("cert-chain.pem", "key.pem", "root-cert.pem");
        await using var server = await StartAsync(_directory);
        await Assert.ThrowsAsync<HttpRequestException>(() => CallAsync(server, _authority.Client("client")));

        Write(layout, "first");
        Assert.Equal("CN=first", (await CallAsync(server, _authority.Client("client"))).Server);

        // Half of the next pair: the last whole one goes on.
        Write("cert-chain.pem", _authority.Issue("half").Chain);
        Assert.Equal("CN=first", (await CallAsync(server, _authority.Client("client"))).Server);

        Write(layout, "second");
        Assert.Equal("CN=second", (await CallAsync(server, _authority.Client("client"))).Server);
    }

    private static async Task<WebApplication> StartAsync(string? certificates)
    {
        var server = EchoServer.Create(new EchoOptions(0, "hello from backend v1", certificates));
        await server.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    private async Task<(string Text, string? Server)> CallAsync(WebApplication server, X509Certificate2? client)
    {
        string? subject = null;
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.Add(_authority.Root);
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
        {
            subject = certificate?.Subject;
            return errors == System.Net.Security.SslPolicyErrors.None;
        };
        handler.SslOptions.ClientCertificates = client is null ? [] : [client];
        using var http = new HttpClient(handler);
        return (await http.GetStringAsync(server.Urls.Single()), subject);
    }

    private void Write((string Chain, string Key, string Roots) layout, string serviceAccount)
    {
        var (chain, key) = _authority.Issue(serviceAccount);
        Write(layout.Roots, _authority.Root.ExportCertificatePem());
        Write(layout.Key, key);
        Write(layout.Chain, chain);
    }

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(_directory, file), text);
}
