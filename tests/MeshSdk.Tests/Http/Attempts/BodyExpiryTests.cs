using System.Diagnostics.Metrics;
using System.Net;
using MeshSdk.Runtime;
using MeshSdk.Telemetry;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.Tests.Http.Attempts;

/// <summary>What the expiry of a body's timer does, and what it leaves alone: timers are used again, and run on a thread of nobody's.</summary>
public sealed class BodyExpiryTests
{
    // A body that waits for its reader to be stopped, and tells when it is let go.
    private sealed class Endless() : DelegatingStream(Null)
    {
        public int Disposals { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }

        protected override void Dispose(bool disposing)
        {
            Disposals++;
            base.Dispose(disposing);
        }
    }

    private static Task<HttpResponseMessage> Respond(Stream body) => Task.FromResult(new HttpResponseMessage { Content = new StreamContent(body) });

    [Fact]
    public async Task A_body_that_was_read_is_not_told_of_the_timeout_of_the_next_request()
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(500)), static async (sent, stop) =>
        {
            if (sent.Number > 1)
            {
                return await ScriptedTransport.HangAsync(stop);
            }

            return new HttpResponseMessage { Content = new StreamContent(new MemoryStream("abc"u8.ToArray())) { Headers = { ContentLength = 3 } } };
        });
        using var first = await mesh.GetAsync(HttpCompletionOption.ResponseHeadersRead);
        var stream = await first.Content.ReadAsStreamAsync();
        Assert.Equal(3, await stream.ReadAsync(new byte[10]));

        var second = mesh.GetAsync();
        await mesh.SentAsync(2);
        mesh.Time.Advance(TimeSpan.FromMilliseconds(501));
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await second).StatusCode);

        Assert.Equal(0, await stream.ReadAsync(new byte[10]));
    }

    [Fact]
    public async Task A_listener_that_throws_is_not_heard_on_the_timers_thread_and_the_lease_goes_back()
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var listener = Throwing(meters);
        await using var mesh = await RuledMesh.StartAsync(
            RuledMesh.Rule(RuledMesh.Timeouts(500)), static (_, _) => Respond(new Endless()), 1, null, null, new MeshEnvironment(new MeshOptions()) { Meters = meters });
        using var response = await mesh.GetAsync(HttpCompletionOption.ResponseHeadersRead);

        mesh.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(0, mesh.Mesh.Endpoint().ActiveRequests);
        var stream = await response.Content.ReadAsStreamAsync();
        await Assert.ThrowsAnyAsync<HttpIOException>(() => stream.ReadAsync(new byte[10]).AsTask());
    }

    [Fact]
    public async Task A_timer_whose_token_has_a_throwing_callback_does_not_throw()
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(500)), static (_, stop) =>
        {
            stop.Register(static () => throw new InvalidOperationException("a callback of the application's transport"));
            return ScriptedTransport.HangAsync(stop);
        });
        var call = mesh.GetAsync();
        await mesh.SentAsync(1);

        mesh.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(HttpStatusCode.GatewayTimeout, (await call).StatusCode);
    }

    [Fact]
    public async Task A_body_that_nobody_reads_is_let_go_when_its_time_is_over()
    {
        var body = new Endless();
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(500)), (_, _) => Respond(body));
        using var response = await mesh.GetAsync(HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(0, body.Disposals);

        mesh.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.NotEqual(0, body.Disposals);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync());
        Assert.IsType<TimeoutException>(error.GetBaseException());
        var stream = await response.Content.ReadAsStreamAsync();
        await Assert.ThrowsAnyAsync<HttpIOException>(() => stream.ReadAsync(new byte[10]).AsTask());
    }

    [Fact]
    public async Task A_body_that_is_being_read_is_let_go_by_its_reader()
    {
        var body = new Endless();
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(500)), (_, _) => Respond(body));
        using var response = await mesh.GetAsync(HttpCompletionOption.ResponseHeadersRead);
        var stream = await response.Content.ReadAsStreamAsync();
        var reading = stream.ReadAsync(new byte[10]).AsTask();

        mesh.Time.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAnyAsync<HttpIOException>(() => reading);
        Assert.NotEqual(0, body.Disposals);
    }

    [Fact]
    public async Task A_caller_that_cancels_as_the_headers_come_has_not_met_a_timeout()
    {
        using var caller = new CancellationTokenSource();
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(RuledMesh.Timeouts(500)), async (_, _) =>
        {
            await caller.CancelAsync();
            return ScriptedTransport.Response(200, "abc");
        });
        using var invoker = new HttpMessageInvoker(mesh.Mesh.CreateHandler(options: new MeshClientOptions { RecordCalls = true }));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        using var response = await invoker.SendAsync(request, caller.Token);

        Assert.Equal("abc", await response.Content.ReadAsStringAsync());
        Assert.Equal(ResponseFlags.None, response.GetMeshCall()!.Flags);
    }

    private static MeterListener Throwing(IMeterFactory meters)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == meters)
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>(static (_, _, _, _) => throw new InvalidOperationException("counting"));
        listener.Start();
        return listener;
    }
}
