using MeshSdk.Model;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Http.Tls;

/// <summary>Policies for TLS change while requests are under way.</summary>
public sealed class TlsChangeTests : IAsyncDisposable
{
    private readonly SecureMesh _secure = new();

    public static TheoryData<string> Protocols => [nameof(ClusterProtocol.Http1), nameof(ClusterProtocol.Http2)];

    public ValueTask DisposeAsync() => _secure.DisposeAsync();

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task What_is_read_again_keeps_every_connection(string speaks)
    {
        var server = await _secure.ServeAsync();
        var mesh = await _secure.StartAsync(Service());
        using var client = mesh.CreateClient();
        var connections = new HashSet<string>();
        for (var i = 0; i < 5; i++)
        {
            mesh.Publish(Service());
            connections.Add((await Echo.ReadAsync(await client.GetAsync("http://backend/"))).Connection);
        }

        Assert.Single(connections);

        ServiceModel Service() => Snapshots.Service("backend", server.EndPoint).Speaking(Enum.Parse<ClusterProtocol>(speaks)).WantingTls();
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task From_plaintext_to_mutual_TLS_and_back_under_load_no_request_is_lost(string speaks)
    {
        var protocol = Enum.Parse<ClusterProtocol>(speaks);
        var secure = await _secure.ServeAsync(name: "secure");
        await using var plaintext = await EchoServer.StartAsync(
            "plaintext", protocol == ClusterProtocol.Http1
                ? Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http1
                : Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http2);

        // One endpoint each, so that whoever comes to the wrong one by the wrong protocol fails.
        var mesh = await _secure.StartAsync(Plaintext());
        using var client = mesh.CreateClient(options: new MeshClientOptions { RecordCalls = true });
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(LoadAsync)).ToArray();
        for (var i = 0; i < 6; i++)
        {
            var isSecure = i % 2 == 0;
            var before = isSecure ? secure.Requests : plaintext.Requests;
            mesh.Publish(isSecure ? Secure() : Plaintext());
            await Eventually.HoldsAsync(() => load.Any(static task => task.IsCompleted) || (isSecure ? secure.Requests : plaintext.Requests) > before + 20);
        }

        await stop.CancelAsync();
        await Task.WhenAll(load);

        ServiceModel Plaintext() => Snapshots.Service("backend", plaintext.EndPoint).Speaking(protocol);

        ServiceModel Secure() => Snapshots.Service("backend", secure.EndPoint).Speaking(protocol).WantingTls();

        async Task LoadAsync()
        {
            while (!stop.IsCancellationRequested)
            {
                using var response = await client.PostAsync("http://backend/", new StringContent("body"));
                var echo = await Echo.ReadAsync(response);
                Assert.Equal("body", echo.Body);
                Assert.Equal(echo.Server == "secure" ? Snapshots.Identity : null, response.GetMeshCall()!.Peer);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Connections_can_be_counted_over_TLS_too(string speaks)
    {
        var protocol = Enum.Parse<ClusterProtocol>(speaks);
        var server = await _secure.ServeAsync();
        var limits = new ConnectionLimits { MaxConnections = 2, MaxRequestsPerConnection = 5, MaxConcurrentStreams = 1 };
        var mesh = await _secure.StartAsync(
            Snapshots.Service("backend", server.EndPoint).Speaking(protocol).WantingTls().Clustered(c => c with { Limits = limits }));
        using var client = mesh.CreateClient(options: new MeshClientOptions { RecordCalls = true });
        var load = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            List<string> connections = [];
            for (var i = 0; i < 5; i++)
            {
                using var response = await client.PostAsync("http://backend/", new StringContent("body"));
                connections.Add((await Echo.ReadAsync(response)).Connection);
                Assert.Equal(Snapshots.Identity, response.GetMeshCall()!.Peer);
            }

            return connections;
        })).ToArray();

        var seen = (await Task.WhenAll(load)).SelectMany(static connections => connections).CountBy(static connection => connection).ToDictionary();

        Assert.Equal(40, seen.Values.Sum());
        Assert.All(seen.Values, static count => Assert.InRange(count, 1, 5));
        Assert.InRange(mesh.Cluster().Use.Connections, 0, 2);
    }

    [Fact]
    public async Task A_stream_that_outlives_its_connection_holds_up_no_other_call()
    {
        var go = new TaskCompletionSource();
        var server = await _secure.ServeAsync(options: Holding(go.Task));
        var mesh = await _secure.StartAsync(Snapshots.Service("backend", server.EndPoint).Speaking(ClusterProtocol.Http2).WantingTls().Clustered(static c => c with
        {
            Limits = new ConnectionLimits { MaxConnections = 1 },
            Connections = c.Connections with { MaxDuration = TimeSpan.FromMilliseconds(200) },
        }));
        using var client = mesh.CreateClient();
        using var stream = await client.GetAsync("http://backend/stream", HttpCompletionOption.ResponseHeadersRead);
        var connections = new HashSet<string>();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        // Two that have grown too old, with one stream still on the first.
        while (connections.Count < 3)
        {
            connections.Add((await Echo.ReadAsync(await client.GetAsync("http://backend/", limit.Token))).Connection);
            Assert.InRange(mesh.Cluster().Use.Connections, 0, 1);
        }

        go.SetResult();
        Assert.Equal("begin,end", await stream.Content.ReadAsStringAsync());
        (await client.GetAsync("http://backend/", limit.Token)).Dispose();
        await Eventually.HoldsAsync(() => mesh.Cluster().Use.Connections is 0 or 1, "what has ended is counted once");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connections_for_names_of_others_are_bounded(bool isCounted)
    {
        var go = new TaskCompletionSource();
        var server = await _secure.ServeAsync(options: Holding(go.Task));
        var mesh = await _secure.StartAsync(Snapshots.Service("backend", server.EndPoint).Speaking(ClusterProtocol.Http2).WantingTls().Clustered(c => c with
        {
            Limits = isCounted ? new ConnectionLimits { MaxConnections = 1000 } : ConnectionLimits.None,
        }));
        using var client = mesh.CreateClient();
        using var stream = await SendAsync("/stream", "0.example");
        Assert.Equal("0.example", (await Echo.ReadAsync(await SendAsync("/", "0.example"))).Headers["host"]);
        for (var i = 1; i < 300; i += 10)
        {
            await Task.WhenAll(Enumerable.Range(i, 10).Select(async n => (await SendAsync("/", $"{n}.example")).Dispose()));
        }

        // Sixty-four names, the one whose stream is still open, and nobody else's.
        await Eventually.HoldsAsync(() => server.OpenConnections <= ForeignConnections.MostNames + 1, $"{server.OpenConnections} connections are open");
        go.SetResult();
        Assert.Equal("begin,end", await stream.Content.ReadAsStringAsync());

        async Task<HttpResponseMessage> SendAsync(string path, string host)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend" + path) { Headers = { Host = host } };
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            return response.EnsureSuccessStatusCode();
        }
    }

    private TlsServerOptions Holding(Task go) => new()
    {
        Roots = _secure.Authority.RootPem,
        Handle = async context =>
        {
            if (context.Request.Path != "/stream")
            {
                await EchoServer.EchoAsync("one", context);
                return;
            }

            await context.Response.Body.WriteAsync("begin,"u8.ToArray());
            await context.Response.Body.FlushAsync();
            await go;
            await context.Response.Body.WriteAsync("end"u8.ToArray());
        },
    };

    [Fact]
    public async Task An_endpoint_that_cannot_be_connected_to_gives_its_place_back()
    {
        await using var plaintext = await EchoServer.StartAsync();
        var mesh = await _secure.StartAsync(Snapshots.Service("backend", plaintext.EndPoint).WantingTls()
            .Clustered(static c => c with { Limits = new ConnectionLimits { MaxConnections = 1 } }));
        using var client = mesh.CreateClient(options: new MeshClientOptions { RecordCalls = true });
        for (var i = 0; i < 3; i++)
        {
            using var response = await client.GetAsync("http://backend/");
            Assert.Equal("UF", response.GetMeshCall()!.Flags);
        }

        await Eventually.HoldsAsync(() => mesh.Cluster().Use.Connections == 0, "no connection is counted");
    }
}
