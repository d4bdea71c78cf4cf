using System.Net.Security;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.AspNetCore.Tests.Connections;

/// <summary>One port takes both kinds of connections.</summary>
public sealed class OnePortTests
{
    [Fact]
    public async Task The_mesh_is_told_of_the_ports_at_which_its_modes_count()
    {
        using var authority = new MeshCertificateAuthority();
        await using var host = await MeshHost.StartAsync(
            authority.Issue("spiffe://cluster.local/ns/shop/sa/backend"),
            build: static builder => builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, static endpoint => endpoint.UseMeshPlaintext())));
        Assert.Equal(2, host.App.Urls.Count);
        Assert.Equal([host.EndPoint.Port], host.App.Services.GetRequiredService<Mesh>().Runtime.ListenedPorts);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Mutual_tls_and_plaintext_are_taken_at_the_same_port(string version)
    {
        using var authority = new MeshCertificateAuthority();
        var client = authority.Issue("spiffe://cluster.local/ns/web/sa/client");
        await using var host = await MeshHost.StartAsync(authority.Issue("spiffe://cluster.local/ns/shop/sa/backend"));

        Assert.Equal("plaintext HTTP/1.1 http", await GetAsync(null, "1.1"));
        Assert.StartsWith("spiffe://cluster.local/ns/web/sa/client HTTP/", await GetAsync(client, version), StringComparison.Ordinal);

        async Task<string> GetAsync(MeshTestCertificate? certificate, string httpVersion)
        {
            using var handler = new SocketsHttpHandler();
            if (certificate is not null)
            {
                handler.SslOptions = new SslClientAuthenticationOptions
                {
                    ClientCertificates = [certificate.ToIdentity().Certificate],
                    RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.Issuer == authority.Certificate.Subject,
                };
            }

            using var http = new HttpClient(handler) { DefaultRequestVersion = Version.Parse(httpVersion), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
            return await http.GetStringAsync(new Uri($"{(certificate is null ? "http" : "https")}://{host.EndPoint}/"));
        }
    }
}
