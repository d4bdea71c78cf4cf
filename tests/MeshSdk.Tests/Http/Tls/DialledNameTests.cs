using System.Net;
using MeshSdk.Model;
using MeshSdk.Testing;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http.Tls;

/// <summary>TLS as one policy has it for all endpoints: by the name that it states, or else by the one that was dialled.</summary>
public sealed class DialledNameTests : IAsyncDisposable
{
    private static readonly MeshClientOptions Recording = new() { RecordCalls = true };

    private readonly SecureMesh _secure = new();

    public static TheoryData<string> Protocols => [nameof(ClusterProtocol.Http1), nameof(ClusterProtocol.Http2)];

    public ValueTask DisposeAsync() => _secure.DisposeAsync();

    private async Task<TlsServer> ServeAsync(params string[] names)
    {
        var certificate = _secure.Authority.Issue(null, new MeshTestCertificateOptions { DnsNames = names });
        return await TlsServer.StartAsync(certificate, new TlsServerOptions
        {
            RequiresCertificate = false,
            Handle = static context => EchoServer.EchoAsync("one", context),
        });
    }

    private ServiceModel Service(TlsServer server, string speaks, string? serverName) => Snapshots.Service("backend", server.EndPoint)
        .Speaking(Enum.Parse<ClusterProtocol>(speaks))
        .WantingTls(new ClusterTls
        {
            Source = "DestinationRule test/backend",
            Mode = TlsMode.Simple,
            ServerName = serverName,
            Trust = new TlsTrust { Kind = TlsTrustKind.Given, Authorities = _secure.Authority.RootPem },
        });

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Without_a_name_each_alias_stands_for_itself(string speaks)
    {
        await using var server = await ServeAsync("backend", "backend.test");
        var mesh = await _secure.StartAsync(Service(server, speaks, serverName: null));
        using var client = mesh.CreateClient(options: Recording);
        foreach (var name in (string[])["backend", "backend.test", "backend"])
        {
            using var response = await client.GetAsync($"http://{name}/");
            Assert.Equal(name, (await Echo.ReadAsync(response)).Headers["host"]);
        }

        using var refused = await client.GetAsync("http://backend.test.svc.cluster.local/");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "UF"), (refused.StatusCode, refused.GetMeshCall()!.Flags));

        // The caller is done with a handshake before the server is.
        await Eventually.HoldsAsync(
            () => string.Join(' ', server.Clients.Select(static c => c.ServerName).Distinct()),
            static names => names == "backend backend.test backend.test.svc.cluster.local",
            "the names that were asked for");
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task With_a_name_all_aliases_are_the_same(string speaks)
    {
        await using var server = await ServeAsync("stated.example");
        var mesh = await _secure.StartAsync(Service(server, speaks, "stated.example"));
        using var client = mesh.CreateClient(options: Recording);
        foreach (var name in (string[])["backend", "backend.test"])
        {
            using var response = await client.GetAsync($"http://{name}/");
            Assert.Equal(name, (await Echo.ReadAsync(response)).Headers["host"]);
            Assert.Null(response.GetMeshCall()!.Peer); // it has no URI in its certificate
        }

        Assert.Equal(["stated.example"], server.Clients.Select(static c => c.ServerName).Distinct());
    }

    [Fact]
    public async Task An_https_call_without_a_name_is_verified_by_its_own()
    {
        await using var server = await ServeAsync("backend.test");
        var mesh = await _secure.StartAsync(Service(server, nameof(ClusterProtocol.Auto), serverName: null).OnPort(443));
        using var client = mesh.CreateClient(options: Recording);

        Assert.Equal("backend.test", (await Echo.ReadAsync(await client.GetAsync("https://backend.test/"))).Headers["host"]);
        using var refused = await client.GetAsync("https://backend/");
        Assert.Equal("UF", refused.GetMeshCall()!.Flags);
    }
}
