using System.Net;
using System.Net.Http.Headers;
using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http;

/// <summary>What the mesh answers itself.</summary>
public sealed class LocalReplyTests
{
    private static readonly ServiceModel Plain = Snapshots.Service("backend", new IPEndPoint(IPAddress.Loopback, 1));

    public static TheoryData<string, int, string, int, string> Cases => new()
    {
        { "no rule", 404, "NR", 12, "no rule of the test/backend:80 routes matches" },
        { "failing rule", 500, "NC", 14, "HTTPRoute test/route rule 0: Broken" },
        { "invalid backend", 500, "NC", 14, "HTTPRoute test/route rule 0: BackendNotFound" },
        { "no endpoint", 503, "UH", 14, "no usable endpoint of test/backend:80" },
        { "wants TLS", 503, "UF", 14, "test/backend:80 wants the TLS of DestinationRule test/backend: ca.pem cannot be read" },
    };

    private static ServiceModel ServiceOf(string name) => name switch
    {
        "no rule" => Plain.Routed(Snapshots.Table(Snapshots.Rule(("backend", 1)), new RouteMatch { Rule = 0, Method = "PATCH" })),
        "failing rule" => Plain.Routed(Snapshots.Rule(("backend", 1)) with { Failure = new RouteFailure(500, "Broken") }),
        "invalid backend" => Plain.Routed(Snapshots.Rule() with
        {
            Backends = new BackendSplit([new BackendModel(Snapshots.Cluster("gone"), 1, new RouteFailure(500, "BackendNotFound"))]),
        }),
        "no endpoint" => Snapshots.Service("backend"),
        _ => Plain.WantingTls(Snapshots.IstioTls(Snapshots.Cluster("backend")) with { Fault = "ca.pem cannot be read" }),
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task An_HTTP_caller_gets_a_status_and_the_reason(string name, int status, string flags, int grpcStatus, string reason)
    {
        _ = grpcStatus;
        await using var mesh = await TestMesh.StartAsync(ServiceOf(name));
        using var client = mesh.CreateClient(options: new MeshClientOptions { RecordCalls = true });

        using var response = await client.GetAsync("http://backend/");

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(reason, response.ReasonPhrase);
        Assert.Equal(flags, response.GetMeshCall()!.Flags);
        Assert.Equal(0, response.GetMeshCall()!.Attempts);
        Assert.Equal("", await response.Content.ReadAsStringAsync());
        Assert.Contains(reason, Assert.Throws<HttpRequestException>(() => response.EnsureSuccessStatusCode()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_gRPC_caller_gets_the_same_as_trailers_only(string name, int status, string flags, int grpcStatus, string reason)
    {
        _ = status;
        await using var mesh = await TestMesh.StartAsync(ServiceOf(name));
        using var client = mesh.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/package.Service/Method")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };

        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal("application/grpc", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal($"{grpcStatus}", response.Headers.GetValues("grpc-status").Single());
        var detail = response.Headers.GetValues("grpc-message").Single();
        Assert.StartsWith(reason, detail, StringComparison.Ordinal);
        Assert.EndsWith($"{flags})", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_share_that_goes_to_an_invalid_backend_fails_and_the_rest_is_served()
    {
        await using var server = await EchoServer.StartAsync();
        var backends = new BackendSplit(
        [
            new BackendModel(Snapshots.Cluster("backend"), 3),
            new BackendModel(Snapshots.Cluster("gone"), 1, new RouteFailure(500, "BackendNotFound")),
        ]);
        await using var mesh = await TestMesh.StartAsync(
            Snapshots.Service("backend", server.EndPoint).Routed(Snapshots.Rule() with { Backends = backends }));
        using var client = mesh.CreateClient();

        var statuses = new List<int>();
        for (var i = 0; i < 20; i++)
        {
            using var response = await client.GetAsync("http://backend/");
            statuses.Add((int)response.StatusCode);
        }

        Assert.Equal((15, 5), (statuses.Count(static s => s == 200), statuses.Count(static s => s == 500)));
    }

    [Fact]
    public async Task Other_hosts_and_other_ports_pass_through()
    {
        await using var server = await EchoServer.StartAsync("outside");
        await using var mesh = await TestMesh.StartAsync(Plain);
        using var client = mesh.CreateClient();

        Assert.Equal("outside", (await Echo.ReadAsync(await client.GetAsync($"http://{server.EndPoint}/"))).Server);
        Assert.Equal("outside", (await Echo.ReadAsync(await client.GetAsync($"http://localhost:{server.EndPoint.Port}/"))).Server);
    }

    [Fact]
    public async Task The_kill_switch_lets_everything_pass_through()
    {
        await using var server = await EchoServer.StartAsync("outside");
        await using var mesh = await TestMesh.StartAsync(
            (Snapshots.Service("localhost") with { Hosts = ["127.0.0.1"] }).OnPort(server.EndPoint.Port));
        using var client = mesh.CreateClient();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync($"http://{server.EndPoint}/")).StatusCode);
        mesh.Runtime.Engine.Enabled = false;
        Assert.Equal("outside", (await Echo.ReadAsync(await client.GetAsync($"http://{server.EndPoint}/"))).Server);
    }
}
