using System.Diagnostics.Metrics;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace MeshSdk.Tests.Telemetry;

public sealed class CircuitBreakerMetricsTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly IMeterFactory _meters;
    private readonly MetricCollector<long> _overflows;
    private readonly MetricCollector<int> _uses;

    public CircuitBreakerMetricsTests()
    {
        _meters = _services.GetRequiredService<IMeterFactory>();
        _overflows = new MetricCollector<long>(_meters, "MeshSdk", "mesh.circuit_breaker.overflows");
        _uses = new MetricCollector<int>(_meters, "MeshSdk", "mesh.circuit_breaker.in_use");
    }

    public void Dispose()
    {
        _overflows.Dispose();
        _uses.Dispose();
        _services.Dispose();
    }

    private string Uses()
    {
        _uses.Clear();
        _uses.RecordObservableInstruments();
        return string.Join(' ', _uses.GetMeasurementSnapshot().Select(static m => $"{m.Tags["kind"]}={m.Value}"));
    }

    [Fact]
    public async Task What_is_in_use_and_what_was_not_let_in_are_told()
    {
        await using var server = await HoldingServer.StartAsync();
        var service = Snapshots.Service("backend", server.EndPoint);
        await using var mesh = await TestMesh.StartAsync(new MeshEnvironment(new MeshOptions()) { Meters = _meters }, service);
        Assert.Equal("", Uses());
        mesh.Publish(service.Clustered(static c => c with { Limits = new ConnectionLimits { MaxConnections = 1, MaxPendingRequests = 1, MaxRequests = 5 } }));
        using var client = mesh.CreateClient();
        var calls = new[] { client.GetAsync("http://backend/"), client.GetAsync("http://backend/") };
        await server.HoldsAsync(1);
        await Eventually.HoldsAsync(() => mesh.Cluster().Use.Pending == 1);

        using var beyond = await client.GetAsync("http://backend/");

        var overflow = Assert.Single(_overflows.GetMeasurementSnapshot());
        Assert.Equal("backend test 80 pending", string.Join(' ', new[] { "destination_service_name", "destination_service_namespace", "destination_port", "kind" }.Select(l => overflow.Tags[l])));
        Assert.Equal("requests=1 connections=1 pending=1 retries=0", Uses());
        server.Let();
        await Task.WhenAll(calls);
        await Eventually.IdleAsync(mesh);
        Assert.Equal("requests=0 connections=1 pending=0 retries=0", Uses());
        mesh.Publish(service);
        Assert.Equal("", Uses());
    }
}
