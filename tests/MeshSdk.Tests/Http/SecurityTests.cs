using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace MeshSdk.Tests.Http;

/// <summary>What must be encrypted is encrypted, or not sent.</summary>
public sealed class SecurityTests
{
    private static readonly MeshClientOptions Recording = new() { RecordCalls = true };

    [Fact]
    public async Task An_endpoint_that_wants_TLS_gets_nothing_while_there_is_no_identity()
    {
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint).WantingTls());
        using var client = mesh.CreateClient(options: Recording);

        using var response = await client.GetAsync("http://backend/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("UF", response.GetMeshCall()!.Flags);
        Assert.Equal((0, 0), (server.Connections, mesh.Endpoint().ActiveRequests));
    }

    [Fact]
    public async Task Security_off_sends_in_plaintext()
    {
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(
            new MeshOptions { Security = MeshSecurity.Off }, Snapshots.Service("backend", server.EndPoint).WantingTls());
        using var client = mesh.CreateClient();

        await Echo.ReadAsync(await client.GetAsync("http://backend/"));
    }

    [Theory]
    [InlineData("1.1", "HTTP/1.1")]
    [InlineData("2.0", "HTTP/2")]
    public async Task An_https_call_goes_over_the_applications_own_TLS(string version, string protocol)
    {
        await using var server = await EchoServer.StartAsync("one", HttpProtocols.Http1AndHttp2, certificate: TestCertificate.SelfSigned);
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint).OnPort(443));
        using var client = mesh.CreateClient(new SocketsHttpHandler { SslOptions = TestCertificate.Trusted() });
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://backend.test/") { Version = Version.Parse(version) };

        var echo = await Echo.ReadAsync(await client.SendAsync(request));

        Assert.Equal((protocol, "backend.test"), (echo.Protocol, echo.Headers["host"]));
    }

    [Fact]
    public async Task A_certificate_that_the_client_does_not_trust_is_503_UF_and_nothing_is_sent()
    {
        await using var server = await EchoServer.StartAsync("one", certificate: TestCertificate.SelfSigned);
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint).OnPort(443));
        using var trusting = mesh.CreateClient(new SocketsHttpHandler { SslOptions = TestCertificate.Trusted() });
        using var client = mesh.CreateClient(options: Recording);
        await Echo.ReadAsync(await trusting.GetAsync("https://backend/")); // connections of the one are not lent to the other

        using var response = await client.GetAsync("https://backend/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("UF", response.GetMeshCall()!.Flags);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task An_https_call_to_an_endpoint_in_plaintext_fails_and_sends_no_request()
    {
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(
            new MeshOptions { Security = MeshSecurity.Off }, Snapshots.Service("backend", server.EndPoint).OnPort(443).WantingTls());
        using var client = mesh.CreateClient(new SocketsHttpHandler { SslOptions = TestCertificate.Trusted() }, Recording);

        using var response = await client.GetAsync("https://backend/");

        Assert.Equal("UF", response.GetMeshCall()!.Flags);
        Assert.Equal(0, server.Requests);
    }

    [Fact]
    public async Task A_redirect_from_TLS_to_plaintext_is_returned()
    {
        await using var secure = await EchoServer.StartAsync("secure", HttpProtocols.Http1, static context =>
        {
            context.Response.Redirect("http://plain/");
            return Task.CompletedTask;
        }, TestCertificate.SelfSigned);
        await using var plain = await EchoServer.StartAsync("plain");
        await using var mesh = await TestMesh.StartAsync(
            Snapshots.Service("secure", secure.EndPoint).OnPort(443), Snapshots.Service("plain", plain.EndPoint));
        using var client = mesh.CreateClient(new SocketsHttpHandler { SslOptions = TestCertificate.Trusted() });

        using var response = await client.GetAsync("https://secure/");

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal(0, plain.Requests);
    }

    [Fact]
    public async Task A_request_over_the_applications_own_TLS_is_sent_once_too()
    {
        using var stop = new CancellationTokenSource();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var requests = 0;
        var serving = ServeAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", (IPEndPoint)listener.LocalEndpoint).OnPort(443));
        using var client = mesh.CreateClient(new SocketsHttpHandler { SslOptions = TestCertificate.Trusted() }, Recording);

        using var response = await client.DeleteAsync("https://backend/");

        Assert.Equal("UC", response.GetMeshCall()!.Flags);
        Assert.Equal(1, requests);
        await stop.CancelAsync();
        await serving;

        // Reads a request and says goodbye in good order, as TLS does, without an answer.
        async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var accepted = await listener.AcceptTcpClientAsync(stop.Token);
                    await using var tls = new SslStream(accepted.GetStream());
                    await tls.AuthenticateAsServerAsync(TestCertificate.SelfSigned);
                    if (await tls.ReadAsync(new byte[1000]) > 0)
                    {
                        Interlocked.Increment(ref requests);
                    }

                    await tls.ShutdownAsync();
                }
            }
            catch (OperationCanceledException)
            {
            }
        }
    }
}
