using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Tests.Runtime;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Http;

/// <summary>Calls to hosts and ports that no frontend has.</summary>
public sealed class OutboundTests
{
    private static readonly IPEndPoint Pod = new(IPAddress.Parse("10.0.0.1"), 8080);
    private static readonly ServiceModel Backend = Snapshots.Service("backend", Pod);

    private readonly ScriptedDiscovery _discovery = new();

    public static TheoryData<string, string, MeshOutbound, int, string?> Answers => new()
    {
        { "api.github.com", "Foreign", MeshOutbound.AllowAny, 200, null },
        { "api.github.com", "Foreign", MeshOutbound.RegistryOnly, 200, null },
        { "missing", "Absent", MeshOutbound.AllowAny, 200, null },
        { "missing", "Absent", MeshOutbound.RegistryOnly, 502, "NR there is no Service test/missing, and Mesh:Outbound is RegistryOnly" },
        { "a.b.c.svc", "Absent", MeshOutbound.RegistryOnly, 502, "NR no Service has the name a.b.c.svc, and Mesh:Outbound is RegistryOnly" },
        { "pod-0.db.test.svc.cluster.local", "Foreign", MeshOutbound.AllowAny, 200, null },
        {
            "pod-0.db.test.svc.cluster.local", "Foreign", MeshOutbound.RegistryOnly, 502,
            "NR no Service that the mesh serves has the name pod-0.db.test.svc.cluster.local, and Mesh:Outbound is RegistryOnly"
        },
        { "backend.unserved.svc", "Foreign", MeshOutbound.RegistryOnly, 502, "NR no Service that the mesh serves has the name backend.unserved.svc, and Mesh:Outbound is RegistryOnly" },
        { "backend.unserved", "Foreign", MeshOutbound.RegistryOnly, 200, null },
        { "hidden", "Unknown", MeshOutbound.AllowAny, 503, "NC it is forbidden" },
        { "hidden", "Unknown", MeshOutbound.RegistryOnly, 503, "NC it is forbidden" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task A_host_without_a_frontend_is_what_the_control_plane_says_of_it(
        string host, string knowledge, MeshOutbound outbound, int status, string? answer)
    {
        _discovery.Answer(host, () => new HostDemand(Known(knowledge)) { Reason = "it is forbidden" });
        await using var mesh = await StartAsync(outbound);
        using var client = Client(mesh);

        foreach (var response in new[] { await client.GetAsync($"http://{host}./x"), client.Send(new HttpRequestMessage(HttpMethod.Get, $"http://{host}/")) })
        {
            using (response)
            {
                Assert.Equal(status, (int)response.StatusCode);
                Assert.Equal(answer, response.GetMeshCall() is { } call ? $"{call.Flags} {response.ReasonPhrase}" : null);
                Assert.Equal(answer is null ? PlainHandler.Body : "", await response.Content.ReadAsStringAsync());
            }
        }

        // The form that contracts promise: without the dot.
        Assert.Equal([host], _discovery.Demands.Distinct());
    }

    [Fact]
    public async Task A_gRPC_caller_is_told_that_the_service_is_unavailable()
    {
        _discovery.Answer("hidden", () => new HostDemand(HostKnowledge.Unknown) { Reason = "it is forbidden" });
        await using var mesh = await StartAsync();
        using var client = Client(mesh);
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://hidden/a.B/C")
        {
            Version = HttpVersion.Version20,
            Content = new ByteArrayContent([]) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };

        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["14"], response.Headers.GetValues("grpc-status"));
        Assert.Equal(["it is forbidden (NC)"], response.Headers.GetValues("grpc-message"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_waits_for_what_is_being_loaded_and_then_takes_its_routes(bool synchronous)
    {
        var known = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _discovery.Answer("backend", () => new HostDemand(HostKnowledge.Pending) { Known = known.Task });
        await using var mesh = await StartAsync();
        using var client = Client(mesh);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        var call = synchronous ? Task.Run(() => client.Send(request)) : client.SendAsync(request);
        await Eventually.HoldsAsync(() => !_discovery.Demands.IsEmpty);
        Assert.False(call.IsCompleted);

        mesh.Publish(Backend);
        known.SetResult();

        using var response = await call;
        Assert.Equal("10.0.0.1:8080", await response.Content.ReadAsStringAsync());
        Assert.Equal("10.0.0.1:8080", response.GetMeshCall()!.Endpoint);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_caller_can_give_up_the_wait(bool synchronous)
    {
        _discovery.Answer("backend", () => new HostDemand(HostKnowledge.Pending) { Known = new TaskCompletionSource().Task });
        await using var mesh = await StartAsync();
        using var client = Client(mesh);
        using var cancel = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        var call = synchronous ? Task.Run(() => client.Send(request, cancel.Token)) : client.SendAsync(request, cancel.Token);
        await Eventually.HoldsAsync(() => !_discovery.Demands.IsEmpty);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(MeshUnderTest.Patience));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_control_plane_that_never_answers_is_given_up(bool synchronous)
    {
        var time = new FakeTimeProvider();
        _discovery.Answer("backend", () => new HostDemand(HostKnowledge.Pending) { Known = new TaskCompletionSource().Task });
        await using var mesh = await TestMesh.StartAsync(Environment(MeshOutbound.AllowAny) with { Time = time }, _discovery);
        using var client = Client(mesh);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        var call = synchronous ? Task.Run(() => client.Send(request)) : client.SendAsync(request);
        await Eventually.HoldsAsync(() => !_discovery.Demands.IsEmpty);
        time.Advance(TimeSpan.FromSeconds(14.9));
        Assert.False(call.IsCompleted);

        // The clock may have been turned before the wait began.
        await Eventually.HoldsAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return call.IsCompleted;
        });
        using var response = await call;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("NC", response.GetMeshCall()!.Flags);
        Assert.Equal("backend is still being looked for after 15 s; the control plane has not answered", response.ReasonPhrase);
    }

    [Theory]
    [InlineData("Absent")]
    [InlineData("Unknown")]
    [InlineData("Foreign")]
    public async Task A_service_that_comes_into_force_between_two_looks_is_not_refused(string knowledge)
    {
        await using var mesh = await StartAsync(MeshOutbound.RegistryOnly);
        foreach (var host in new[] { "backend", "backend.test.svc" })
        {
            _discovery.Answer(host, () =>
            {
                mesh.Publish(Backend);
                return new HostDemand(Known(knowledge));
            });
            var target = mesh.Runtime.Engine.Find(new Uri($"http://{host}/"), CancellationToken.None);
            Assert.Null(target.Refusal);
            Assert.Equal(Backend.Id, target.Frontend!.Id.ServiceId);
            mesh.Remove("backend");
        }
    }

    [Theory]
    [InlineData("Absent", 200)]
    [InlineData("Unknown", 503)]
    public async Task What_the_wait_brings_to_light_decides(string later, int status)
    {
        var known = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _discovery.Answer("backend", () => known.Task.IsCompleted ? new HostDemand(Known(later)) : new HostDemand(HostKnowledge.Pending) { Known = known.Task });
        await using var mesh = await StartAsync();
        using var client = Client(mesh);
        var call = client.GetAsync("http://backend/");
        known.SetResult();
        using var response = await call.WaitAsync(MeshUnderTest.Patience);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_host_that_never_comes_is_given_up()
    {
        _discovery.Answer("backend", HostKnowledge.Pending);
        await using var mesh = await StartAsync();
        using var client = Client(mesh);

        using var response = await client.GetAsync("http://backend/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("NC", response.GetMeshCall()!.Flags);
        Assert.InRange(_discovery.Demands.Count, 2, 20);
    }

    [Fact]
    public async Task A_service_that_is_let_go_between_two_looks_is_demanded_anew_and_never_called_past_its_policies()
    {
        await using var mesh = await StartAsync(MeshOutbound.AllowAny, Backend);
        using var client = Client(mesh);
        _discovery.Answer("backend", () =>
        {
            mesh.Publish(Backend);
            return new HostDemand(HostKnowledge.Pending);
        });
        var frontend = mesh.Runtime.Engine.FindFrontend(new Uri("http://backend/"))!;
        mesh.Remove("backend");
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");
        Assert.False(mesh.Runtime.Engine.TryBegin(request, frontend, new MeshSdk.Http.ClientSettings(), out _));

        for (var i = 0; i < 50; i++)
        {
            using var response = await client.GetAsync("http://backend/");
            Assert.Equal("10.0.0.1:8080", await response.Content.ReadAsStringAsync());
            mesh.Remove("backend");
        }
    }

    [Fact]
    public async Task Services_that_come_and_go_under_load_are_never_passed_by()
    {
        var gate = new Lock();
        await using var mesh = await StartAsync(MeshOutbound.AllowAny, Backend);
        _discovery.Answer("backend", () =>
        {
            lock (gate)
            {
                mesh.Publish(Backend);
            }

            return new HostDemand(HostKnowledge.Pending);
        });
        using var stop = new CancellationTokenSource();
        var churn = Task.Run(() =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                lock (gate)
                {
                    mesh.Remove("backend");
                }

                Thread.Yield();
            }
        });

        using var client = Client(mesh);
        for (var i = 0; i < 5_000; i++)
        {
            using var response = await client.GetAsync("http://backend/");
            var body = await response.Content.ReadAsStringAsync();
            Assert.True(body == "10.0.0.1:8080" || response.StatusCode == HttpStatusCode.ServiceUnavailable, $"call {i}: {(int)response.StatusCode} {body}");
        }

        await stop.CancelAsync();
        await churn;
    }

    [Theory]
    [InlineData(MeshOutbound.AllowAny, 200)]
    [InlineData(MeshOutbound.RegistryOnly, 502)]
    public async Task A_port_that_a_service_does_not_have_is_nothing_to_look_for(MeshOutbound outbound, int status)
    {
        await using var mesh = await StartAsync(outbound, Backend);
        using var client = Client(mesh);
        using var response = await client.GetAsync("http://backend:81/");
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Empty(_discovery.Demands);
        if (status == 502)
        {
            Assert.Equal("Service test/backend has no port 81 that the mesh serves, and Mesh:Outbound is RegistryOnly", response.ReasonPhrase);
        }
    }

    [Theory]
    [InlineData("http://10.9.9.9/")]
    [InlineData("http://[fd00::9]/")]
    public async Task Addresses_are_nothing_to_look_for(string uri)
    {
        await using var mesh = await StartAsync(MeshOutbound.RegistryOnly, Backend);
        using var client = Client(mesh);
        Assert.Equal(PlainHandler.Body, await client.GetStringAsync(uri));
        Assert.Empty(_discovery.Demands);
    }

    [Theory]
    [InlineData("http://missing/", 502)]
    [InlineData("http://missing.test/", 502)]
    [InlineData("http://missing.elsewhere/", 200)]
    [InlineData("http://missing.elsewhere.svc/", 502)]
    [InlineData("http://alias/", 200)]
    [InlineData("http://localhost/", 200)]
    [InlineData("http://example.com/", 200)]
    public async Task Without_anybody_to_ask_the_form_of_a_name_decides(string uri, int status)
    {
        await using var mesh = await TestMesh.StartAsync(Environment(MeshOutbound.RegistryOnly), Backend);
        var external = Snapshots.Cluster("alias").ServiceId;
        mesh.Runtime.Publish(mesh.Runtime.Snapshot with { Revision = 9, ExternalServices = [external] }, [external]);
        using var client = Client(mesh);
        using var response = await client.GetAsync(uri);
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_redirect_waits_for_a_service_that_is_being_loaded_and_is_not_followed_out_of_the_mesh(bool synchronous)
    {
        _discovery.Answer("next", () => new HostDemand(HostKnowledge.Pending));
        var hops = new Dictionary<string, string> { ["/in"] = "http://next/end", ["/out"] = "http://elsewhere.com/", ["/hidden"] = "http://hidden/" };
        _discovery.Answer("hidden", HostKnowledge.Unknown);
        await using var mesh = await TestMesh.StartAsync(
            Environment(MeshOutbound.AllowAny, new RedirectingTransport(hops)), _discovery, Backend);
        _discovery.Answer("next", () =>
        {
            mesh.Publish(Snapshots.Service("next", Pod));
            return new HostDemand(HostKnowledge.Pending);
        });
        using var client = Client(mesh);

        Assert.Equal("200 /end", await SendAsync("http://backend/in"));
        Assert.Equal("302 ", await SendAsync("http://backend/out"));
        Assert.Equal("503 ", await SendAsync("http://backend/hidden"));

        async Task<string> SendAsync(string uri)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            using var response = synchronous ? client.Send(request) : await client.SendAsync(request);
            return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}";
        }
    }

    [Theory]
    [InlineData("hidden", "Unknown", "hidden test hidden.test.svc.cluster.local 503 NC")]
    [InlineData("made-up", "Unknown", "BlackHoleCluster unknown unknown 503 NC")]
    [InlineData("missing", "Absent", "BlackHoleCluster unknown unknown 502 NR")]
    public async Task Refused_calls_are_counted_and_traced(string host, string knowledge, string expected)
    {
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        using var requests = new MetricCollector<long>(meters, "MeshSdk", "istio_requests_total");
        _discovery.Answer(host, Known(knowledge));
        await using var mesh = await TestMesh.StartAsync(Environment(MeshOutbound.RegistryOnly) with { Meters = meters }, _discovery, Backend.Routed(Snapshots.Rule(("hidden", 1))));
        using var client = Client(mesh);
        Activity? span = null;
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "MeshSdk",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = stopped => span = (string?)stopped.GetTagItem("server.address") == host ? stopped : span,
        };
        ActivitySource.AddActivityListener(listener);

        using var response = await client.GetAsync($"http://{host}/");

        var tags = requests.LastMeasurement!.Tags;
        Assert.Equal(
            expected,
            $"{tags["destination_service_name"]} {tags["destination_service_namespace"]} {tags["destination_service"]} {tags["response_code"]} {tags["response_flags"]}");
        Assert.Equal((int)response.StatusCode, span!.GetTagItem("http.response.status_code"));
        Assert.Equal(response.GetMeshCall()!.Flags, span.GetTagItem("mesh.response_flags"));
    }

    [Fact]
    public async Task The_kill_switch_lets_go_of_calls_that_wait()
    {
        var known = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _discovery.Answer("backend", () => new HostDemand(HostKnowledge.Pending) { Known = known.Task });
        await using var mesh = await StartAsync();
        using var client = Client(mesh);
        var call = client.GetStringAsync("http://backend/");
        mesh.Publish(Backend);
        mesh.Runtime.Enabled = false;
        known.SetResult();
        Assert.Equal(PlainHandler.Body, await call.WaitAsync(MeshUnderTest.Patience));
    }

    private static HostKnowledge Known(string name) => Enum.Parse<HostKnowledge>(name);

    private Task<TestMesh> StartAsync(MeshOutbound outbound = MeshOutbound.AllowAny, params ServiceModel[] services) =>
        TestMesh.StartAsync(Environment(outbound), _discovery, services);

    private static MeshEnvironment Environment(MeshOutbound outbound, IMeshTransportFactory? network = null) =>
        new(new MeshOptions { Namespace = Snapshots.Namespace, Outbound = outbound, TransportFactory = network ?? new EchoTransports() });

    private static HttpClient Client(TestMesh mesh) => mesh.CreateClient(new PlainHandler(), new MeshClientOptions { RecordCalls = true });

    private sealed class RedirectingTransport(Dictionary<string, string> hops) : IMeshTransportFactory
    {
        public HttpMessageHandler Create(MeshTransportContext context) => new Handler(hops);

        private sealed class Handler(Dictionary<string, string> hops) : HttpMessageHandler
        {
            protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
                Task.FromResult(Send(request, cancellationToken));

            protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
                hops.TryGetValue(request.RequestUri!.AbsolutePath, out var location)
                    ? new HttpResponseMessage(HttpStatusCode.Found) { Headers = { Location = new Uri(location) }, RequestMessage = request }
                    : new HttpResponseMessage { Content = new StringContent(request.RequestUri.AbsolutePath), RequestMessage = request };
        }
    }
}
