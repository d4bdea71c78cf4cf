using Google.Protobuf;
using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Protos;
using MeshSdk.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Grpc.Tests.Orca;

/// <summary>Servers that tell how busy they are, and get calls by it.</summary>
public sealed class LoadBalancingTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly InMemorySource _source = new();
    private readonly Dictionary<string, OrcaLoadReport?> _reports = [];
    private readonly Dictionary<string, int> _counts = [];
    private Mesh _mesh = null!;

    public async ValueTask DisposeAsync() => await _mesh.DisposeAsync();

    [Fact]
    public async Task Calls_go_where_there_is_more_to_spare()
    {
        await using var busy = await StartAsync("busy", Load(1.0));
        await using var idle = await StartAsync("idle", Load(0.1));
        using var invoker = await ConnectAsync("{}", busy, idle);
        Assert.Equal((10, 10), await CallAsync(invoker, 20));
        _time.Advance(TimeSpan.FromSeconds(9.999));
        Assert.Equal((10, 10), await CallAsync(invoker, 20));
        _time.Advance(TimeSpan.FromSeconds(1));
        AssertNear((10, 100), await CallAsync(invoker, 110));

        // It says nothing any more, and after a while gets as much as the other.
        _reports["busy"] = null;
        _time.Advance(TimeSpan.FromMinutes(3));
        await CallAsync(invoker, 2);
        Assert.Equal((50, 50), await CallAsync(invoker, 100));
    }

    [Fact]
    public async Task Errors_count_as_load()
    {
        await using var failing = await StartAsync("failing", Load(0.1, eps: 10));
        await using var busy = await StartAsync("busy", Load(1.0));
        using var invoker = await ConnectAsync("{weightStabilizationPeriod: 1s, errorUtilizationPenaltyPercent: 90}", failing, busy);
        await CallAsync(invoker, 4);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((50, 50), await CallAsync(invoker, 100));
    }

    [Fact]
    public async Task A_reply_without_a_body_tells_it_in_its_headers()
    {
        await using var busy = await StartAsync("busy", Load(1.0), StatusCode.NotFound);
        await using var idle = await StartAsync("idle", Load(0.1), StatusCode.NotFound);
        using var invoker = await ConnectAsync("{weightStabilizationPeriod: 0s}", busy, idle);
        await CallAsync(invoker, 4);
        _time.Advance(TimeSpan.FromSeconds(1));
        var (first, second) = (busy.Calls.Count, idle.Calls.Count);
        await CallAsync(invoker, 110);
        AssertNear((10, 100), (busy.Calls.Count - first, idle.Calls.Count - second));
    }

    [Fact]
    public async Task Servers_of_http_tell_it_in_a_header()
    {
        await using var busy = await HttpAsync("busy", "TEXT cpu_utilization=1,rps_fractional=10");
        await using var idle = await HttpAsync("idle", $"BIN {Load(0.1)!.ToByteString().ToBase64()}");
        _source.Apply(Manifests.Service("backend", Address(busy), Address(idle)).Replace("name: grpc", "name: http", StringComparison.Ordinal) + Rule("{}"));
        _mesh = new Mesh(new MeshEnvironment(new MeshOptions { InMemory = _source }) { Time = _time, Random = new Random(1) }, []);
        using var client = new HttpClient(_mesh.CreateHandler());
        await GetAsync(client, 4);
        _time.Advance(TimeSpan.FromSeconds(10));
        AssertNear((10, 100), await GetAsync(client, 110));
    }

    private static OrcaLoadReport? Load(double utilization, double eps = 0) =>
        new() { ApplicationUtilization = utilization, CpuUtilization = 0.7, RpsFractional = 10, Eps = eps };

    private async Task<EchoServer> StartAsync(string name, OrcaLoadReport? report, StatusCode status = StatusCode.OK)
    {
        _reports[name] = report;
        _counts[name] = 0;
        return await EchoServer.StartAsync(name, context =>
        {
            if (_reports[name] is { } load)
            {
                context.ResponseTrailers.Add("endpoint-load-metrics-bin", load.ToByteArray());
            }

            return status == StatusCode.OK ? Task.CompletedTask : throw new RpcException(new Status(status, ""));
        });
    }

    private async Task<MeshCallInvoker> ConnectAsync(string utilization, params EchoServer[] servers)
    {
        _source.Apply(Manifests.Service("backend", servers) + Rule(utilization));
        _mesh = new Mesh(new MeshEnvironment(new MeshOptions { InMemory = _source }) { Time = _time, Random = new Random(1) }, []);
        await _mesh.WaitUntilReadyAsync(TestContext.Current.CancellationToken);
        Assert.Empty(_mesh.Diagnostics);
        return _mesh.CreateCallInvoker("backend");
    }

    private static string Rule(string utilization) => $$"""
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata: { name: backend, namespace: default }
        spec: { host: backend, trafficPolicy: { loadBalancer: { backendUtilization: {{utilization}} } } }
        ---

        """;

    private async Task<(int First, int Second)> CallAsync(MeshCallInvoker invoker, int calls)
    {
        var client = new Echo.EchoClient(invoker);
        var counts = _counts.Keys.ToDictionary(static name => name, static _ => 0);
        for (var i = 0; i < calls; i++)
        {
            try
            {
                counts[(await client.UnaryAsync(new EchoRequest())).Server]++;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
            {
            }
        }

        return (counts.Values.First(), counts.Values.Last());
    }

    private static void AssertNear((int First, int Second) expected, (int First, int Second) actual)
    {
        Assert.InRange(actual.First, expected.First - 2, expected.First + 2);
        Assert.InRange(actual.Second, expected.Second - 2, expected.Second + 2);
    }

    private static async Task<WebApplication> HttpAsync(string name, string report)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static options => options.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(context =>
        {
            context.Response.Headers["endpoint-load-metrics"] = report;
            return context.Response.WriteAsync(name);
        });
        await app.StartAsync();
        return app;
    }

    private static System.Net.IPEndPoint Address(WebApplication app) => System.Net.IPEndPoint.Parse(new Uri(app.Urls.First()).Authority);

    private static async Task<(int Busy, int Idle)> GetAsync(HttpClient client, int calls)
    {
        var busy = 0;
        for (var i = 0; i < calls; i++)
        {
            busy += await client.GetStringAsync("http://backend/") == "busy" ? 1 : 0;
        }

        return (busy, calls - busy);
    }
}
