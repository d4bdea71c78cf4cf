using System.Net;
using System.Net.Sockets;
using System.Text;
using MeshSdk.Kubernetes.Tests.Fixtures;
using MeshSdk.Sources;
using Microsoft.Extensions.Logging;
using static MeshSdk.Kubernetes.Tests.Fixtures.KubernetesScripts;

namespace MeshSdk.Kubernetes.Tests.Watching;

public sealed class ReflectorOutageTests
{
    [Fact]
    public async Task A_server_that_comes_back_is_followed_again_at_once_however_long_it_was_away()
    {
        var server = await ScriptedApiServer.StartAsync();
        var (followed, watch) = await Followed.StartLiveAsync(server, Route("a", 1));
        await using var _ = followed;
        await watch.LineAsync(Event("ADDED", Route("b", 11)));
        await followed.NextAsync();
        using var port = await server.LeaveAsync();
        await followed.Time.SkipAsync(1, 1.5);
        var update = await followed.NextAsync();
        Assert.Equal((WatchState.Stale, true), (update.Condition!.State, update.Condition.IsKnown));
        Assert.Contains($"127.0.0.1:{port.Number} cannot be reached", update.Condition.Detail, StringComparison.Ordinal);
        Assert.Equal("a=1 b=11", followed.Told);

        // Long enough for the back-off to have grown: the only waits that are let pass are those of the probe.
        await using var returned = await ScriptedApiServer.StartAsync(port: port.Number);
        ScriptedCall call;
        var probes = 0;
        do
        {
            await followed.Time.SkipAsync(1.5, 2.25);
            call = await returned.NextAsync();
            probes++;
        }
        while (call.Path != "/version" && probes < 20);
        await call.AnswerAsync(200, "{}");
        await followed.Time.SkipAsync(0, 1);

        var next = await returned.NextAsync();
        Assert.Contains("resourceVersion=11", next.Query, StringComparison.Ordinal);
        await next.OpenAsync();
        Assert.Equal(new(WatchState.Live, IsKnown: true, ""), (await followed.NextAsync()).Condition);

        // Once for all sets.
        Assert.Equal(["Down", "Up"], followed.Log.GetSnapshot().Where(record => record.Level >= LogLevel.Information).Select(record => record.Id.Name).Skip(1));
    }

    [Fact]
    public async Task A_handshake_that_is_cut_off_is_an_outage()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var closing = CloseAllAsync();
        await using var plain = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartAsync(plain, kubeconfig: Kubeconfig(new($"https://{listener.LocalEndpoint}")));

        await followed.NextAsync();

        Assert.Contains("cannot be reached", followed.Condition!.Detail, StringComparison.Ordinal);
        await followed.Time.WaitBeginsAsync(1.5, 2.25);
        Assert.Contains(followed.Log.GetSnapshot(), static record => record.Id.Name == "Down");
        await stop.CancelAsync();
        await closing;

        async Task CloseAllAsync()
        {
            try
            {
                while (true)
                {
                    (await listener.AcceptSocketAsync(stop.Token)).Close();
                }
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }

    [Fact]
    public async Task Over_HTTP2_a_broken_stream_is_a_cut_as_well()
    {
        using var authority = new TestAuthority();
        await using var server = await ScriptedApiServer.StartAsync(authority.Issue("127.0.0.1"));
        await using var followed = await Followed.StartAsync(server, kubeconfig: Kubeconfig(
            server.Address, "certificate-authority-data: " + Convert.ToBase64String(Encoding.UTF8.GetBytes(authority.Pem))));
        var watch = await server.NextAsync();
        Assert.Equal("HTTP/2", watch.Protocol);
        await watch.OpenAsync();
        await watch.LineAsync(Event("ADDED", Route("a", 1)));
        await watch.LineAsync(InitialEnd(5));
        await followed.NextAsync();
        watch.Reset();
        await followed.Time.SkipAsync(1, 1.5);

        var next = await server.NextAsync();

        Assert.Contains("resourceVersion=5", next.Query, StringComparison.Ordinal);
        Assert.Equal(1, server.Connections);
        Assert.False(followed.HasUpdate);
    }

    [Fact]
    public async Task A_server_with_another_certificate_is_not_believed_and_what_was_read_stays()
    {
        using var authority = new TestAuthority();
        using var stranger = new TestAuthority("stranger");
        var server = await ScriptedApiServer.StartAsync(authority.Issue("127.0.0.1"));
        await using var followed = await Followed.StartAsync(server, kubeconfig: Kubeconfig(
            server.Address, "certificate-authority-data: " + Convert.ToBase64String(Encoding.UTF8.GetBytes(authority.Pem))));
        var watch = await server.NextAsync();
        await watch.OpenAsync();
        await watch.LineAsync(Event("ADDED", Route("a", 1)));
        await watch.LineAsync(InitialEnd(5));
        await followed.NextAsync();
        using var port = await server.LeaveAsync();

        await using var impostor = await ScriptedApiServer.StartAsync(stranger.Issue("127.0.0.1"), port.Number);
        await followed.Time.SkipAsync(1, 1.5);

        var update = await followed.NextAsync();
        Assert.Equal(WatchState.Stale, update.Condition!.State);
        Assert.Contains("certificate", update.Condition.Detail, StringComparison.Ordinal);
        Assert.Equal("a=1", followed.Told);
        Assert.False(impostor.HasCall);
    }

    [Fact]
    public async Task A_server_that_states_no_versions_is_read_whole_each_time()
    {
        await using var server = await ScriptedApiServer.StartAsync();
        await using var followed = await Followed.StartWithListsAsync(server);
        await (await server.NextAsync()).AnswerAsync(200, """{"items":[{"metadata":{"name":"a","namespace":"ns"}},{"metadata":{"name":"b","namespace":"ns"}}]}""");
        await followed.NextAsync();
        var watch = await server.NextAsync();
        Assert.EndsWith("&resourceVersion=", watch.Query, StringComparison.Ordinal);
        await watch.OpenAsync();
        await watch.LineAsync("""{"type":"DELETED","object":{"metadata":{"name":"a","namespace":"ns"}}}""");
        await followed.NextAsync();
        Assert.Equal("b=", followed.Told);
        watch.Close();

        Assert.False((await server.NextAsync()).IsWatch);
    }
}
