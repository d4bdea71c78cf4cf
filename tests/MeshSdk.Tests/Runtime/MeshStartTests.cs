using System.Diagnostics;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Runtime;

public sealed class MeshStartTests
{
    private static readonly string Backend = Manifests.Service("backend", Manifests.Pod(1));

    [Fact]
    public async Task Nothing_starts_before_the_first_call()
    {
        await using var mesh = new MeshUnderTest();
        Assert.Equal(MeshStatus.NotStarted, mesh.Mesh.Status);
        Assert.Equal(0, mesh.Source.Started);

        var call = mesh.GetAsync();
        await Eventually.HoldsAsync(() => mesh.Source.Started == 1);
        Assert.Equal(MeshStatus.Starting, mesh.Mesh.Status);
        Assert.False(call.IsCompleted);

        mesh.Source.Sync(Backend);
        Assert.Equal("10.0.0.1:8080", await call);
        Assert.Equal(MeshStatus.Ready, mesh.Mesh.Status);
        Assert.Equal("The mesh is ready: 1 services, 1 endpoints.", Assert.Single(mesh.Logged("Ready")));
    }

    [Fact]
    public async Task Concurrent_first_calls_start_once()
    {
        await using var mesh = new MeshUnderTest();
        var calls = Enumerable.Range(0, 32).Select(_ => Task.Run(() => mesh.GetAsync())).ToArray();
        await Eventually.HoldsAsync(() => mesh.Source.Started > 0);
        mesh.Source.Sync(Backend);

        Assert.All(await Task.WhenAll(calls), static answer => Assert.Equal("10.0.0.1:8080", answer));
        Assert.Equal(1, mesh.Source.Started);
    }

    [Fact]
    public async Task A_synchronous_first_call_waits_too()
    {
        await using var mesh = new MeshUnderTest();
        var call = Task.Run(() => mesh.Client.Send(new HttpRequestMessage(HttpMethod.Get, "http://backend/")));
        await Eventually.HoldsAsync(() => mesh.Source.Started == 1);
        Assert.False(call.IsCompleted);

        mesh.Source.Sync(Backend);
        using var response = await call.WaitAsync(MeshUnderTest.Patience, TestContext.Current.CancellationToken);
        Assert.Equal("10.0.0.1:8080", new StreamReader(response.Content.ReadAsStream(TestContext.Current.CancellationToken)).ReadToEnd());
    }

    [Fact]
    public async Task A_call_fails_after_the_timeout_and_names_it_and_works_once_the_configuration_has_come()
    {
        await using var mesh = new MeshUnderTest();
        var call = mesh.GetAsync();
        await Eventually.HoldsAsync(() => mesh.Source.Started == 1);
        mesh.Time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(call.IsCompleted);
        mesh.Time.Advance(TimeSpan.FromSeconds(0.2));

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => call);
        Assert.Contains("within 10 s (Mesh:Startup:Timeout)", error.Message, StringComparison.Ordinal);

        // The bound is on the start, not on each call: nobody waits for what is late already.
        await Assert.ThrowsAsync<HttpRequestException>(() => mesh.GetAsync());
        Assert.Equal(MeshStatus.Starting, mesh.Mesh.Status);

        mesh.Source.Sync(Backend);
        await Eventually.HoldsAsync(() => mesh.Mesh.Status == MeshStatus.Ready);
        Assert.Equal("10.0.0.1:8080", await mesh.GetAsync());
    }

    [Fact]
    public async Task Plain_dns_takes_the_place_of_a_late_configuration_until_it_comes()
    {
        await using var mesh = new MeshUnderTest(new MeshOptions { Startup = { Fallback = MeshStartupFallback.PlainDns } });
        var call = mesh.GetAsync();
        await Eventually.HoldsAsync(() => mesh.Source.Started == 1);
        mesh.Time.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(PlainHandler.Body, await call);

        mesh.Source.Sync(Backend);
        await Eventually.HoldsAsync(() => mesh.Mesh.Status == MeshStatus.Ready);
        Assert.Equal("10.0.0.1:8080", await mesh.GetAsync());
    }

    [Fact]
    public async Task A_timeout_of_zero_does_not_wait()
    {
        await using var mesh = new MeshUnderTest(new MeshOptions { Startup = { Timeout = TimeSpan.Zero } });
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => mesh.GetAsync());
        Assert.Contains("within 0 s (Mesh:Startup:Timeout)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Startup_options_are_not_read_again()
    {
        var options = new MeshOptions();
        await using var mesh = new MeshUnderTest(options);
        var call = mesh.GetAsync();
        await Eventually.HoldsAsync(() => mesh.Source.Started == 1);
        options.Startup.Fallback = MeshStartupFallback.PlainDns;
        mesh.Time.Advance(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<HttpRequestException>(() => call);
    }

    [Fact]
    public async Task A_caller_that_gives_up_waiting_is_cancelled_and_the_start_goes_on()
    {
        await using var mesh = new MeshUnderTest();
        using var cancellation = new CancellationTokenSource();
        var call = mesh.Client.GetAsync("http://backend/", cancellation.Token);
        await Eventually.HoldsAsync(() => mesh.Source.Started == 1);
        await cancellation.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(cancellation.Token, error.CancellationToken);

        mesh.Source.Sync(Backend);
        Assert.Equal("10.0.0.1:8080", await mesh.GetAsync());
        Assert.Equal(1, mesh.Source.Started);
    }

    [Fact]
    public async Task A_source_that_can_never_deliver_fails_every_call_with_its_own_words()
    {
        await using var mesh = new MeshUnderTest();
        var call = mesh.GetAsync();
        mesh.Source.End(new InvalidOperationException("no such cluster"));

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => call);
        Assert.Equal("The mesh cannot start: no such cluster", error.Message);
        Assert.Equal("no such cluster", error.InnerException!.Message);
        Assert.Equal(MeshStatus.Failed, mesh.Mesh.Status);
        await Assert.ThrowsAsync<HttpRequestException>(() => mesh.GetAsync());
        Assert.Equal("The mesh cannot start: no such cluster", Assert.Single(mesh.Logged("CannotStart")));
    }

    [Fact]
    public async Task A_source_that_ends_before_it_has_synced_is_a_failed_start_and_is_logged()
    {
        await using var mesh = new MeshUnderTest();
        mesh.Source.Send(Backend);
        mesh.Source.End();
        await Assert.ThrowsAsync<HttpRequestException>(() => mesh.GetAsync());
        Assert.Equal(MeshStatus.Failed, mesh.Mesh.Status);
        Assert.Single(mesh.Logged("CannotStart"));
    }

    [Fact]
    public async Task Plain_dns_takes_the_place_of_a_failed_start()
    {
        await using var mesh = new MeshUnderTest(new MeshOptions { Startup = { Fallback = MeshStartupFallback.PlainDns } });
        mesh.Source.End(new InvalidOperationException("no such cluster"));
        Assert.Equal(PlainHandler.Body, await mesh.GetAsync());
        Assert.Equal(MeshStatus.Failed, mesh.Mesh.Status);
    }

    [Fact]
    public async Task A_source_that_throws_when_it_is_started_stops_the_others()
    {
        var other = new ScriptedSource();
        await using var mesh = new MeshUnderTest(null, other, new ScriptedSource { OnStart = static () => throw new InvalidOperationException("serves another mesh") });
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => mesh.GetAsync());
        Assert.Equal("The mesh cannot start: serves another mesh", error.Message);
        Assert.True(other.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task Several_sources_are_waited_for_and_publish_nothing_before_all_have_synced()
    {
        await using var mesh = new MeshUnderTest(null, new ScriptedSource(), new ScriptedSource());
        var call = mesh.GetAsync();
        mesh.Sources[0].Sync(Backend);
        mesh.Sources[1].Send(Manifests.Service("other", Manifests.Pod(2)));
        await Eventually.HoldsAsync(() => mesh.Sources.All(static source => source.Started == 1 && source.Unread == 0));
        Assert.False(call.IsCompleted);
        Assert.Equal(0, mesh.Mesh.Runtime.Snapshot.Revision);

        mesh.Sources[1].Sync("");
        Assert.Equal("10.0.0.1:8080", await call);
        Assert.Equal("10.0.0.2:8080", await mesh.GetAsync("http://other/"));
        Assert.Equal(1, mesh.Mesh.Runtime.Snapshot.Revision);
    }

    [Fact]
    public async Task Nothing_of_the_first_caller_flows_into_the_mesh()
    {
        var ambient = new AsyncLocal<string?> { Value = "caller" };
        using var activity = new Activity("caller").Start();
        (string?, Activity?) seen = default;
        await using var mesh = new MeshUnderTest(null, new ScriptedSource { OnStart = () => seen = (ambient.Value, Activity.Current) });
        mesh.Source.Sync(Backend);
        await mesh.GetAsync();
        Assert.Equal((null, null), seen);
        Assert.Equal("caller", ambient.Value);
        Assert.Same(activity, Activity.Current);
    }

    [Fact]
    public async Task A_first_caller_whose_own_context_does_not_flow_starts_the_mesh_as_well()
    {
        await using var mesh = new MeshUnderTest();
        mesh.Source.Sync(Backend);
        Task<string> call;
        using (ExecutionContext.SuppressFlow())
        {
            call = mesh.GetAsync();
        }

        Assert.Equal("10.0.0.1:8080", await call);
    }

    [Fact]
    public async Task A_mesh_that_is_switched_off_starts_nothing_and_needs_no_source()
    {
        await using var mesh = await Mesh.StartAsync(new MeshOptions { Enabled = false }, cancellationToken: TestContext.Current.CancellationToken);
        using var client = new HttpClient(mesh.CreateHandler(passThrough: new PlainHandler()));
        Assert.Equal(PlainHandler.Body, await client.GetStringAsync("http://backend/", TestContext.Current.CancellationToken));
        Assert.Equal(MeshStatus.Disabled, mesh.Status);

        // Switched on it has nothing to go by, and says so.
        mesh.Enabled = true;
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync("http://backend/"));
        Assert.Contains("Mesh:Manifests", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_any_source_there_is_no_mesh()
    {
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Mesh.StartAsync(new MeshOptions()));
        Assert.Contains("Mesh:Manifests", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_kill_switch_works_on_a_running_mesh()
    {
        await using var mesh = await MeshUnderTest.ReadyAsync(Backend);
        mesh.Mesh.Enabled = false;
        Assert.Equal(PlainHandler.Body, await mesh.GetAsync());
        mesh.Mesh.Enabled = true;
        Assert.Equal("10.0.0.1:8080", await mesh.GetAsync());
    }

    [Fact]
    public async Task A_path_that_is_not_there_fails_the_start_and_is_named()
    {
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => Mesh.StartAsync(new MeshOptions { Manifests = { "/no/such/mesh" } }));
        Assert.Contains("/no/such/mesh", error.Message, StringComparison.Ordinal);
        Assert.IsType<ManifestException>(error.InnerException);
    }

    [Fact]
    public async Task A_cancelled_start_ends_the_wait()
    {
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Mesh.StartAsync(new MeshOptions { Manifests = { Path.GetTempPath() } }, cancellationToken: cancellation.Token));
    }

    [Fact]
    public async Task Wrong_options_are_named()
    {
        var error = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            () => Mesh.StartAsync(new MeshOptions { Startup = { Timeout = TimeSpan.FromSeconds(-1) } }));
        Assert.Contains("Mesh:Startup:Timeout", error.Message, StringComparison.Ordinal);
    }
}
