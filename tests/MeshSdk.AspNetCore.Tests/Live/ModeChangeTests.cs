using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.AspNetCore.Tests.Fixtures.Clients;
using MeshSdk.AspNetCore.Tests.Fixtures.Wire;
using MeshSdk.Testing;

namespace MeshSdk.AspNetCore.Tests.Live;

/// <summary>A mode changes while there are connections of both kinds: those that stay allowed notice nothing, the others end in good order.</summary>
public sealed class ModeChangeTests : IAsyncLifetime
{
    private const string Client = "spiffe://cluster.local/ns/web/sa/client";

    private readonly MeshCertificateAuthority _authority = new();
    private MeshTestCertificate _client = null!;
    private EchoHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _client = _authority.Issue(Client);
        _host = await EchoHost.StartAsync(_authority.Issue("spiffe://cluster.local/ns/shop/sa/backend"));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _authority.Dispose();
    }

    // from → to; over what the connection is that must end, and over what that which must stay
    [Theory]
    [InlineData("PERMISSIVE", "STRICT", false)]
    [InlineData("DISABLE", "STRICT", false)]
    [InlineData("PERMISSIVE", "DISABLE", true)]
    [InlineData("STRICT", "DISABLE", true)]
    public async Task A_connection_that_is_no_longer_allowed_ends_after_the_request_under_way(string from, string to, bool isSecure)
    {
        await ChangeAsync(from, isSecure, isTaken: true);
        await using var busy = await OpenAsync(isSecure);
        await using var idle = await OpenAsync(isSecure);
        Assert.Equal(200, (await idle.GetAsync("/"))?.Status);
        await busy.SendAsync("/hold");
        await Eventually.HoldsAsync(() => _host.Echo.Held == 1, "a request is under way");

        await ChangeAsync(to, isSecure, isTaken: false);

        await idle.EndsAsync();
        _host.Echo.Release();
        var answer = await busy.ReceiveAsync();
        Assert.Equal((200, isSecure ? $"{Client} HTTP/1.1" : "plaintext HTTP/1.1"), (answer?.Status, answer?.Body));
        await busy.EndsAsync();
    }

    [Theory]
    [InlineData(true, "PERMISSIVE", "STRICT", "PERMISSIVE")]
    [InlineData(false, "PERMISSIVE", "DISABLE", "PERMISSIVE")]
    public async Task A_connection_that_stays_allowed_stays(bool isSecure, params string[] modes)
    {
        await using var kept = await OpenAsync(isSecure);
        var id = (await kept.GetAsync("/connection"))?.Body;
        await using var streaming = await OpenAsync(isSecure);
        await streaming.SendAsync("/hold");
        foreach (var mode in modes)
        {
            await ChangeAsync(mode, isSecure: !isSecure, isTaken: mode == "PERMISSIVE");
            Assert.Equal(id, (await kept.GetAsync("/connection"))?.Body);
        }

        _host.Echo.Release();
        Assert.Equal(200, (await streaming.ReceiveAsync())?.Status);
        Assert.Equal(200, (await streaming.GetAsync("/"))?.Status);
    }

    [Fact]
    public async Task Under_load_no_call_of_the_mesh_fails_and_no_plaintext_is_served_once_it_was_refused()
    {
        var call = new Call(_host.Mixed, Protocols.Http2, Layers.MutualTls, _client);
        using var handler = HttpClientCaller.HandlerFor(call);
        using var kept = new HttpMessageInvoker(handler);
        await using var mesh = new Load(2, async () =>
        {
            using var request = HttpClientCaller.RequestFor(call, $"https://{_host.Mixed}/");
            using var response = await kept.SendAsync(request, CancellationToken.None);
            Assert.Equal($"{Client} HTTP/2", (await HttpClientCaller.AnswerOfAsync(call, response)).Text);
        });
        await using var newcomers = new Load(1, async () =>
            Assert.Equal($"{Client} HTTP/1.1", (await StreamCaller.Sidecar.CallAsync(call with { Protocol = Protocols.Http1 })).Text));
        await using var plaintext = new Load(2, async () => Assert.Contains(await PlaintextAsync(), Possible));
        string[] modes = ["STRICT", "PERMISSIVE", "STRICT", "PERMISSIVE", "STRICT"];
        foreach (var mode in modes)
        {
            await ChangeAsync(mode, isSecure: false, isTaken: mode == "PERMISSIVE");
            await mesh.MoreAsync(5);
            await newcomers.MoreAsync(2);
            await plaintext.MoreAsync(5);
        }

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("refused", await PlaintextAsync());
        }

        Load[] all = [mesh, newcomers, plaintext];
        foreach (var load in all)
        {
            await load.StopAsync();
            Assert.Empty(load.Failures);
        }
    }

    // A connection that was taken just before is told off in the words of HTTP.
    private static readonly string[] Possible = ["plaintext HTTP/1.1", "refused", "status 403"];

    private async Task<string> PlaintextAsync() =>
        (await StreamCaller.WithoutAlpn.CallAsync(new Call(_host.Mixed, Protocols.Http1, Layers.Plaintext, _client))).Text;

    private async Task<KeptConnection> OpenAsync(bool isSecure) =>
        new(isSecure ? await Dial.TlsAsync(_host.Mixed, _client, protocols: "http/1.1") : await Dial.PlaintextAsync(_host.Mixed));

    private async Task ChangeAsync(string mode, bool isSecure, bool isTaken)
    {
        _host.Source.Apply(PeerAuthentications.Namespace(mode));
        var call = new Call(_host.Mixed, Protocols.Http1, isSecure ? Layers.MutualTls : Layers.Plaintext, _client);
        await Eventually.HoldsAsync(
            async () => ((await StreamCaller.Sidecar.CallAsync(call)).Text == "refused") != isTaken, $"{mode} is in force");
    }
}
