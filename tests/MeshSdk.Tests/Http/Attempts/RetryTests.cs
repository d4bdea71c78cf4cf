using System.Net;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace MeshSdk.Tests.Http.Attempts;

/// <summary>What is retried, how often, where, and what the caller gets to see.</summary>
public sealed class RetryTests
{
    private static (int Status, string Flags, int Attempts) Told(HttpResponseMessage response) =>
        ((int)response.StatusCode, response.GetMeshCall()!.Flags, response.GetMeshCall()!.Attempts);

    private static Func<Sent, CancellationToken, Task<HttpResponseMessage>> Statuses(params int[] statuses) =>
        (sent, _) => Task.FromResult(ScriptedTransport.Response(statuses[Math.Min(sent.Number, statuses.Length) - 1], $"try {sent.Number}"));

    public static TheoryData<int, int[], int[], int, string, int> Codes => new()
    {
        // attempts, codes, what the server answers → status, flags, sends
        { 3, [500], [500, 500, 200], 200, "-", 3 },
        { 3, [500], [500, 500, 500, 500], 500, "URX", 4 },
        { 3, [500], [503], 503, "-", 1 },
        { 3, [500], [500, 503], 503, "-", 2 },
        { 2, [500, 502, 503, 504], [502, 200], 200, "-", 2 },
        { 2, [500, 502, 503, 504], [504, 503, 502], 502, "URX", 3 },
        { 1, [429], [429, 429], 429, "URX", 2 },
        { 2, [], [500], 500, "-", 1 },
        { 0, [500], [500, 200], 500, "-", 1 },
    };

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task Listed_statuses_are_retried_and_the_last_one_is_the_callers(int attempts, int[] codes, int[] answers, int status, string flags, int sends)
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: RuledMesh.Retry(attempts, codes)), Statuses(answers));

        using var response = await mesh.PassAsync(mesh.GetAsync());

        Assert.Equal((status, flags, sends), Told(response));
        Assert.Equal(sends, mesh.Network.Sends);
        Assert.Equal($"try {sends}", await response.Content.ReadAsStringAsync());
        await mesh.IdleAsync();
    }

    [Fact]
    public async Task Without_a_stanza_nothing_is_retried()
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(1000)), static (_, _) => throw ScriptedTransport.Refused());
        using var response = await mesh.GetAsync();
        Assert.Equal((503, "UF", 1), Told(response));
    }

    [Theory]
    [InlineData(true, 2, 200, "-")]
    [InlineData(true, 4, 503, "UF,URX")]
    [InlineData(false, 2, 200, "-")]
    [InlineData(false, 4, 503, "UC,URX")]
    public async Task Connection_errors_are_retried_whatever_the_codes(bool refused, int failures, int status, string flags)
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: RuledMesh.Retry(3)), (sent, _) => sent.Number <= failures
            ? throw (refused ? ScriptedTransport.Refused() : ScriptedTransport.Reset())
            : Task.FromResult(ScriptedTransport.Response(200)));

        using var response = await mesh.PassAsync(mesh.GetAsync());

        Assert.Equal((status, flags, Math.Min(failures + 1, 4)), Told(response));
        await mesh.IdleAsync();
    }

    [Theory]
    [InlineData(2, 200, "-", 3)]
    [InlineData(3, 504, "UT,URX", 3)]
    public async Task Tries_that_take_too_long_are_retried(int late, int status, string flags, int sends)
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(RuledMesh.Timeouts(null, 100_000), RuledMesh.Retry(2)),
            (sent, token) => sent.Number <= late ? ScriptedTransport.HangAsync(token) : Task.FromResult(ScriptedTransport.Response(200)));
        var call = mesh.GetAsync();
        for (var i = 1; i <= late; i++)
        {
            await mesh.PassUntilAsync(() => mesh.Network.Sends == i);
            mesh.Time.Advance(TimeSpan.FromSeconds(100));
        }

        using var response = await mesh.PassAsync(call);

        Assert.Equal((status, flags, sends), Told(response));
        await mesh.IdleAsync();
    }

    [Fact]
    public async Task The_request_timeout_ends_all_of_it_and_cancels_the_try_in_flight()
    {
        var cancelled = 0;
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(400_000, 250_000), RuledMesh.Retry(5, 500)), async (_, token) =>
        {
            try
            {
                return await ScriptedTransport.HangAsync(token);
            }
            finally
            {
                Interlocked.Increment(ref cancelled);
            }
        });

        var call = mesh.GetAsync();
        await mesh.SentAsync(1);
        mesh.Time.Advance(TimeSpan.FromSeconds(250));
        await mesh.PassUntilAsync(() => mesh.Network.Sends == 2);
        Assert.False(call.IsCompleted);

        // The second try has more time left than the request.
        mesh.Time.Advance(TimeSpan.FromSeconds(150));
        using var response = await call;

        Assert.Equal((504, "UT"), ((int)response.StatusCode, response.GetMeshCall()!.Flags));
        Assert.Contains("timeouts.request", response.ReasonPhrase, StringComparison.Ordinal);
        Assert.Equal(2, response.GetMeshCall()!.Attempts);
        await Eventually.HoldsAsync(() => Volatile.Read(ref cancelled) == mesh.Network.Sends);
        await mesh.IdleAsync();
    }

    [Fact]
    public async Task The_request_timeout_ends_the_wait_between_two_tries()
    {
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(RuledMesh.Timeouts(400), new RouteRetry(5, [500], TimeSpan.FromSeconds(10))), Statuses(500));

        using var response = await mesh.PassAsync(mesh.GetAsync());

        Assert.Equal((504, "UT", 1), Told(response));
        Assert.Equal("10.0.0.1:80", response.GetMeshCall()!.Endpoint);
        await mesh.IdleAsync();
    }

    [Fact]
    public async Task The_callers_cancellation_ends_the_wait_between_two_tries()
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: new RouteRetry(5, [500], TimeSpan.FromSeconds(10))), Statuses(500));
        using var own = new CancellationTokenSource();
        var call = mesh.Client.GetAsync("http://backend/", own.Token);
        await mesh.SentAsync(1);
        await mesh.IdleAsync();
        await own.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(1, mesh.Network.Sends);
    }

    [Fact]
    public async Task A_stated_backoff_is_the_least_wait()
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: new RouteRetry(4, [500], TimeSpan.FromMilliseconds(100))), Statuses(500));
        using var response = await mesh.PassAsync(mesh.GetAsync(), step: 10);
        var times = mesh.Network.Log.Select(static s => s.At).ToArray();
        Assert.Equal(5, times.Length);
        Assert.All(times.Zip(times.Skip(1)), static pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromMilliseconds(100)));
    }

    [Fact]
    public async Task A_retry_goes_to_an_endpoint_that_was_not_tried_while_there_is_one()
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: RuledMesh.Retry(4, 500)), Statuses(500), endpoints: 3);
        using var response = await mesh.PassAsync(mesh.GetAsync());
        var addresses = mesh.Network.Log.Select(static s => s.Address).ToArray();
        Assert.Equal(5, addresses.Length);
        Assert.Equal(3, addresses.Take(3).Distinct().Count());
        Assert.Equal(addresses[^1], response.GetMeshCall()!.Endpoint);
        await mesh.IdleAsync();
    }

    [Fact]
    public async Task Retries_stay_within_the_backend_that_was_chosen()
    {
        var rule = Snapshots.Rule(("backend", 1), ("other", 1)) with { Retry = RuledMesh.Retry(3, 500) };
        await using var mesh = await RuledMesh.StartAsync(
            rule, Statuses(500), 1, null, others: Snapshots.Service("other", new IPEndPoint(IPAddress.Parse("10.1.0.1"), 80)));
        for (var i = 0; i < 6; i++)
        {
            using var response = await mesh.PassAsync(mesh.GetAsync());
            var backends = mesh.Network.Log.Skip(i * 4).Select(static s => s.Backend).ToArray();
            Assert.Equal(4, backends.Length);
            Assert.Single(backends.Distinct());
        }

        Assert.Equal(2, mesh.Network.Log.Select(static s => s.Backend).Distinct().Count());
    }

    [Fact]
    public async Task A_backend_that_has_gone_meanwhile_is_answered_for()
    {
        RuledMesh? mesh = null;
        await using (mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: RuledMesh.Retry(3, 500)), (_, _) =>
        {
            mesh!.Mesh.Publish(Snapshots.Service("backend").Routed(Snapshots.Table(RuledMesh.Rule(retry: RuledMesh.Retry(3, 500)))));
            return Task.FromResult(ScriptedTransport.Response(500));
        }))
        {
            using var response = await mesh.PassAsync(mesh.GetAsync());
            Assert.Equal((503, "UH", 1), Told(response));
        }
    }

    [Fact]
    public async Task A_request_that_opts_out_is_sent_once()
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: RuledMesh.Retry(3, 500)), Statuses(500, 200));
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/").DisableMeshRetries();
        using var response = await mesh.Client.SendAsync(request);
        Assert.Equal((500, "-", 1), Told(response));
        Assert.Throws<ArgumentNullException>(static () => default(HttpRequestMessage)!.DisableMeshRetries());
    }

    [Fact]
    public async Task What_the_caller_did_wrong_is_not_retried()
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: RuledMesh.Retry(3, 500)), static (_, _) => throw new NotSupportedException("caller"));
        await Assert.ThrowsAsync<NotSupportedException>(() => mesh.GetAsync());
        Assert.Equal(1, mesh.Network.Sends);
        await mesh.IdleAsync();
    }

    [Fact]
    public async Task The_request_is_counted_once_with_what_the_caller_sees()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        using var counted = new MetricCollector<long>(meters, "MeshSdk", "istio_requests_total");
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(RuledMesh.Timeouts(5000, 1000), RuledMesh.Retry(2, 500)), Statuses(500, 500, 500, 500, 200), 1, null,
            environment: new MeshEnvironment(new MeshOptions()) { Meters = meters });
        using (await mesh.PassAsync(mesh.GetAsync()))
        using (await mesh.PassAsync(mesh.GetAsync()))
        {
            Assert.Equal(
                [("500", "URX"), ("200", "-")],
                counted.GetMeasurementSnapshot().Select(static m => ((string)m.Tags["response_code"]!, (string)m.Tags["response_flags"]!)));
        }
    }

    [Fact]
    public async Task The_callers_message_is_as_it_was()
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(5000, 1000), RuledMesh.Retry(2, 500)), Statuses(500, 500, 500));
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend.test/x") { Content = new StreamContent(new Unseekable("body")) };
        var content = request.Content;
        var before = MessageSnapshot.Of(request);
        using var response = await mesh.PassAsync(mesh.Client.SendAsync(request));
        Assert.Equal(before, MessageSnapshot.Of(request));
        Assert.Same(content, request.Content);
        Assert.Same(request, response.RequestMessage);
    }

    [Fact]
    public async Task Synchronous_calls_are_retried_too()
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(5000), RuledMesh.Retry(2, 500)), Statuses(500, 200));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        var call = Task.Run(() => mesh.Client.Send(request));
        using var response = await mesh.PassAsync(call);
        Assert.Equal((200, "-", 2), Told(response));
    }
}
