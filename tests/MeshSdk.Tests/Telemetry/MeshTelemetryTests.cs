using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Telemetry;
using MeshSdk.Tests.Fixtures;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace MeshSdk.Tests.Telemetry;

public sealed class MeshTelemetryTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly IMeterFactory _meters;
    private readonly MetricCollector<long> _requests;

    public MeshTelemetryTests()
    {
        _meters = _services.GetRequiredService<IMeterFactory>();
        _requests = new MetricCollector<long>(_meters, "MeshSdk", "istio_requests_total");
    }

    public void Dispose()
    {
        _requests.Dispose();
        _services.Dispose();
    }

    private static readonly IPEndPoint AnyEndPoint = new(IPAddress.Loopback, 1);

    private Task<TestMesh> StartAsync(params ServiceModel[] services) => StartAsync(new MeshOptions { Namespace = "shop" }, services);

    private Task<TestMesh> StartAsync(MeshOptions options, params ServiceModel[] services) =>
        TestMesh.StartAsync(new MeshEnvironment(options) { Meters = _meters }, services);

    private static HttpRequestMessage Call(string uri) => new(HttpMethod.Post, uri)
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Content = new ByteArrayContent(new byte[5]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
    };

    private string Last(params string[] labels)
    {
        var measurement = _requests.LastMeasurement!;
        return string.Join(' ', labels.Select(label => measurement.Tags[label]));
    }

    [Fact]
    public async Task A_request_is_counted_once_with_the_labels_that_dashboards_read()
    {
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await StartAsync(
            Snapshots.Service("backend").Routed(Snapshots.Rule(("backend-v1", 1))), Snapshots.Service("backend-v1", server.EndPoint));
        using var client = mesh.CreateClient();

        await Echo.ReadAsync(await client.GetAsync("http://backend/"));

        var measurement = Assert.Single(_requests.GetMeasurementSnapshot());
        Assert.Equal(1, measurement.Value);
        Assert.Equal(
            new Dictionary<string, object?>
            {
                ["reporter"] = "source",
                ["source_workload"] = "unknown",
                ["source_workload_namespace"] = "shop",
                ["source_principal"] = "unknown",
                ["destination_workload"] = "unknown",
                ["destination_workload_namespace"] = "test",
                ["destination_principal"] = "unknown",
                ["destination_service"] = "backend-v1.test.svc.cluster.local",
                ["destination_service_name"] = "backend-v1",
                ["destination_service_namespace"] = "test",
                ["request_protocol"] = "http",
                ["response_code"] = "200",
                ["grpc_response_status"] = "",
                ["response_flags"] = "-",
                ["connection_security_policy"] = "unknown",
            },
            measurement.Tags);
    }

    [Fact]
    public async Task A_request_is_counted_when_its_body_has_ended()
    {
        var more = new SemaphoreSlim(0);
        await using var server = await EchoServer.StartAsync("one", async context =>
        {
            await context.Response.Body.FlushAsync();
            await more.WaitAsync();
        });
        await using var mesh = await StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient();

        using var response = await client.GetAsync("http://backend/", HttpCompletionOption.ResponseHeadersRead);
        Assert.Empty(_requests.GetMeasurementSnapshot());
        more.Release();
        await response.Content.ReadAsByteArrayAsync();

        Assert.Single(_requests.GetMeasurementSnapshot());
        response.Dispose();
        Assert.Single(_requests.GetMeasurementSnapshot());
    }

    [Fact]
    public async Task Failures_are_counted_with_their_flags()
    {
        await using var closing = RawServer.Start(static async connection => await connection.ReadHeadAsync());
        await using var breaking = RawServer.Start(static async connection =>
        {
            await connection.ReadHeadAsync();
            await connection.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        });
        await using var hanging = RawServer.Start(static async connection =>
        {
            await connection.ReadHeadAsync();
            await Task.Delay(Timeout.Infinite, connection.Stop);
        });
        await using var mesh = await StartAsync(
            Snapshots.Service("empty"),
            Snapshots.Service("closing", closing.EndPoint),
            Snapshots.Service("breaking", breaking.EndPoint),
            Snapshots.Service("hanging", hanging.EndPoint));
        using var client = mesh.CreateClient();

        await client.GetAsync("http://empty/");
        Assert.Equal("empty 503 UH", Last("destination_service_name", "response_code", "response_flags"));
        await client.GetAsync("http://closing/");
        Assert.Equal("closing 503 UC", Last("destination_service_name", "response_code", "response_flags"));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("http://breaking/"));
        Assert.Equal("breaking 200 UC", Last("destination_service_name", "response_code", "response_flags"));
        using var cancel = new CancellationTokenSource();
        var call = client.GetAsync("http://hanging/", cancel.Token);
        await Eventually.HoldsAsync(() => hanging.Requests == 1, "the request arrives");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal("hanging 0 DC", Last("destination_service_name", "response_code", "response_flags"));
        Assert.Equal(4, _requests.GetMeasurementSnapshot().Count);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task A_body_that_the_caller_cannot_take_is_no_failure_of_the_endpoint(HttpProtocols protocols)
    {
        await using var server = await EchoServer.StartAsync("one", protocols, static async context =>
        {
            await context.Response.Body.WriteAsync(new byte[10_000]);
            await context.Response.Body.FlushAsync();
        });
        await using var mesh = await StartAsync(Snapshots.Service("backend", server.EndPoint).Speaking(
            protocols == HttpProtocols.Http2 ? ClusterProtocol.Http2 : ClusterProtocol.Auto));
        using var client = mesh.CreateClient();
        client.MaxResponseContentBufferSize = 100;

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("http://backend/"));
        Assert.Equal(HttpRequestError.ConfigurationLimitExceeded, error.HttpRequestError);
        Assert.Equal("200 -", Last("response_code", "response_flags"));
        await FillDiskAsync(static response => response.Content.CopyToAsync(new FullDisk()));
        await FillDiskAsync(static async response => await (await response.Content.ReadAsStreamAsync()).CopyToAsync(new FullDisk()));
        Assert.Equal(3, _requests.GetMeasurementSnapshot().Count);

        async Task FillDiskAsync(Func<HttpResponseMessage, Task> copy)
        {
            using (var response = await client.GetAsync("http://backend/", HttpCompletionOption.ResponseHeadersRead))
            {
                var full = await Assert.ThrowsAnyAsync<Exception>(() => copy(response));
                Assert.Equal("full", full.GetBaseException().Message);
                Assert.Equal(1, mesh.Endpoint().ActiveRequests);
            }

            Assert.Equal("200 -", Last("response_code", "response_flags"));
            Assert.Equal(0, mesh.Endpoint().ActiveRequests);
        }
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task A_body_that_was_cancelled_counts_as_the_callers_leaving(HttpProtocols protocols)
    {
        await using var server = await EchoServer.StartAsync("one", protocols, static async context =>
        {
            await context.Response.WriteAsync("begun");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var mesh = await StartAsync(Snapshots.Service("backend", server.EndPoint).Speaking(
            protocols == HttpProtocols.Http2 ? ClusterProtocol.Http2 : ClusterProtocol.Auto));
        using var head = new HeadNoticed(mesh.CreateHandler());
        using var client = new HttpClient(head);
        using var cancel = new CancellationTokenSource();

        var call = client.GetAsync("http://backend/", cancel.Token);
        await Task.WhenAny(head.Come.Task, call);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        Assert.Single(_requests.GetMeasurementSnapshot());
        Assert.Equal("200 DC", Last("response_code", "response_flags"));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(0)]
    public async Task A_gRPC_reply_of_known_length_ends_with_its_trailers(int length)
    {
        var more = new SemaphoreSlim(0);
        await using var server = await EchoServer.StartAsync("one", HttpProtocols.Http2, async context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.ContentLength = length;
            await context.Response.Body.WriteAsync(new byte[length]);
            await context.Response.Body.FlushAsync();
            await more.WaitAsync();
            context.Response.AppendTrailer("grpc-status", "5");
        });
        await using var mesh = await StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var client = mesh.CreateClient();

        using var response = await client.SendAsync(Call("http://backend/"), HttpCompletionOption.ResponseHeadersRead);
        var body = await response.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[length]);
        Assert.Equal(1, mesh.Endpoint().ActiveRequests);
        more.Release();
        Assert.Equal(0, await body.ReadAsync(new byte[10]));

        Assert.Equal("200 5 -", Last("response_code", "grpc_response_status", "response_flags"));
        Assert.Equal(0, mesh.Endpoint().ActiveRequests);
    }

    [Fact]
    public async Task The_status_of_a_gRPC_call_comes_from_its_trailers()
    {
        await using var server = await EchoServer.StartAsync("one", HttpProtocols.Http2, static async context =>
        {
            if (context.Request.Path == "/hang")
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }

            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(new byte[5]);
            context.Response.AppendTrailer("grpc-status", "5");
        });
        await using var mesh = await StartAsync(Snapshots.Service("backend", server.EndPoint), Snapshots.Service("empty"));
        using var client = mesh.CreateClient();

        await client.SendAsync(Call("http://backend/ok"));
        Assert.Equal("grpc 200 5 -", Last("request_protocol", "response_code", "grpc_response_status", "response_flags"));
        await client.SendAsync(Call("http://empty/"));
        Assert.Equal("grpc 200 14 UH", Last("request_protocol", "response_code", "grpc_response_status", "response_flags"));
        using var cancel = new CancellationTokenSource();
        var call = client.SendAsync(Call("http://backend/hang"), cancel.Token);
        await Eventually.HoldsAsync(() => server.Requests == 2, "the request arrives");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal("grpc 0 1 DC", Last("request_protocol", "response_code", "grpc_response_status", "response_flags"));
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("16", "16")]
    [InlineData("17", "2")]
    [InlineData("4294967296", "2")]
    [InlineData("-1", "2")]
    [InlineData("OK", "2")]
    [InlineData("", "2")]
    public async Task A_gRPC_status_that_does_not_exist_counts_as_UNKNOWN(string sent, string counted)
    {
        var network = new AnsweringTransport(() =>
        {
            var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent([1]) };
            response.Headers.TryAddWithoutValidation("grpc-status", sent);
            return response;
        });
        await using var mesh = await StartAsync(new MeshOptions { TransportFactory = network }, Snapshots.Service("backend", AnyEndPoint));
        using var client = mesh.CreateClient();

        await client.SendAsync(Call("http://backend/"));

        Assert.Equal($"grpc {counted}", Last("request_protocol", "grpc_response_status"));
    }

    [Fact]
    public async Task A_request_is_counted_for_the_workload_of_the_endpoint_that_served_it()
    {
        var network = new AnsweringTransport(static () => new HttpResponseMessage(HttpStatusCode.NoContent));
        await using var mesh = await StartAsync(
            new MeshOptions { TransportFactory = network },
            Snapshots.Service("backend", new IPEndPoint(1, 1), new IPEndPoint(2, 1)).Clustered(static c => c with
            {
                Endpoints = [c.Endpoints[0] with { Workload = "backend-primary" }, c.Endpoints[1] with { Workload = "backend" }],
            }),
            Snapshots.Service("empty"));
        using var client = mesh.CreateClient();
        for (var i = 0; i < 4; i++)
        {
            (await client.GetAsync("http://backend/")).Dispose();
        }

        (await client.GetAsync("http://empty/")).Dispose();

        Assert.Equal(
            ["backend 2", "backend-primary 2", "unknown 1"],
            _requests.GetMeasurementSnapshot().CountBy(static m => $"{m.Tags["destination_workload"]}").Select(static w => $"{w.Key} {w.Value}").Order());
    }

    [Theory]
    [InlineData(100, "100")]
    [InlineData(599, "599")]
    [InlineData(600, "600")]
    [InlineData(698, "600")]
    [InlineData(999, "900")]
    [InlineData(99, "0")]
    public void A_status_that_does_not_exist_counts_as_its_hundred(int sent, string counted)
    {
        using var telemetry = new MeshTelemetry(new CallerContext(), _meters);

        telemetry.Count(Snapshots.Cluster("backend"), null, sent, grpcStatus: null, "-");

        Assert.Equal(counted, Last("response_code"));
    }

    [Fact]
    public void The_labels_of_services_that_are_called_no_more_do_not_stay_for_ever()
    {
        using var listener = new MeterListener { InstrumentPublished = static (instrument, self) => self.EnableMeasurementEvents(instrument) };
        using var telemetry = new MeshTelemetry(new CallerContext(), meters: null);
        listener.Start();
        var departed = CountOneOf(telemetry);

        for (var i = 0; i < 20_000; i++)
        {
            telemetry.Count(Snapshots.Cluster($"backend-{i}"), "w", 200, grpcStatus: null, "-");
        }

        GC.Collect();
        Assert.False(departed.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference CountOneOf(MeshTelemetry telemetry)
        {
            var name = new string('x', 10);
            telemetry.Count(Snapshots.Cluster(name), name, 200, grpcStatus: null, "-");
            return new WeakReference(name);
        }
    }

    [Fact]
    public async Task A_request_has_one_span_that_names_route_and_backend_and_that_the_server_continues()
    {
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await StartAsync(
            Snapshots.Service("traced").Routed(Snapshots.Rule(("traced-v1", 1))), Snapshots.Service("traced-v1", server.EndPoint));
        using var client = mesh.CreateClient();
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "MeshSdk",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var caller = new Activity("caller").Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://traced/path?secret=1");

        var echo = await Echo.ReadAsync(await client.SendAsync(request));
        using var another = await client.PutAsync("http://traced/", null);

        Assert.Same(caller, Activity.Current);
        var own = spans.Where(s => s.TraceId == caller.TraceId).ToArray();
        var span = own[0];
        Assert.Equal(2, own.Length);
        Assert.Equal((ActivityKind.Client, "GET traced", caller.SpanId), (span.Kind, span.DisplayName, span.ParentSpanId));
        Assert.Equal("HTTPRoute test/route", span.GetTagItem("mesh.route"));
        Assert.Equal("0", span.GetTagItem("mesh.rule"));
        Assert.Equal("test/traced-v1:80", span.GetTagItem("mesh.backend"));
        Assert.Equal(server.EndPoint.ToString(), span.GetTagItem("mesh.endpoint"));
        Assert.Equal(200, span.GetTagItem("http.response.status_code"));
        Assert.Equal("http://traced/path", span.GetTagItem("url.full"));
        Assert.Equal($"00-{span.TraceId}-{span.SpanId}-01", echo.Headers["traceparent"]);
        Assert.False(request.Headers.Contains("traceparent"));
    }

    [Fact]
    public async Task Spans_of_failures_say_why()
    {
        await using var mesh = await StartAsync(Snapshots.Service("nobody"));
        using var client = mesh.CreateClient();
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "MeshSdk",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var caller = new Activity("caller").Start();

        await client.GetAsync("http://nobody/");

        var span = Assert.Single(spans, s => s.TraceId == caller.TraceId);
        Assert.Equal((ActivityStatusCode.Error, "503", "UH"), (span.Status, span.GetTagItem("error.type"), span.GetTagItem("mesh.response_flags")));
    }

    private sealed class FullDisk : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("full");

        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("full");

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => throw new IOException("full");

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("full");
    }
}
