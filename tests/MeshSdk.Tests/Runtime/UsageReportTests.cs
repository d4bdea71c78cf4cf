using System.Net;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Runtime;

public sealed class UsageReportTests
{
    private static readonly IPEndPoint Pod = new(IPAddress.Parse("10.0.0.1"), 8080);

    private readonly FakeTimeProvider _time = new();
    private readonly ScriptedDiscovery _discovery = new();

    [Fact]
    public async Task Services_that_were_called_are_named_once_a_period_and_their_backends_are_not()
    {
        await using var mesh = await StartAsync();
        using var client = mesh.CreateClient();
        for (var i = 0; i < 3; i++)
        {
            await client.GetStringAsync("http://backend/");
        }

        Pass();
        Assert.Equal(["backend"], Named());
        Pass();
        Assert.Empty(Named());

        await client.GetStringAsync("http://backend.test.svc/");
        await client.GetStringAsync("http://other/");
        Pass();
        Assert.Equal(["backend", "other"], Named());
    }

    [Fact]
    public async Task A_stream_that_is_still_open_is_use_of_the_service_that_was_called_and_of_the_one_that_serves_it()
    {
        await using var mesh = await StartAsync();
        using var client = mesh.CreateClient();
        var response = await client.GetAsync("http://backend/", HttpCompletionOption.ResponseHeadersRead);
        for (var i = 0; i < 3; i++)
        {
            Pass();
            Assert.Equal(["backend", "other"], Named());
        }

        // An endpoint that takes no new requests has the old one yet.
        var other = Snapshots.Service("other", new IPEndPoint(Pod.Address, 9), Pod).Clustered(
            static c => c with { Endpoints = [c.Endpoints[0], c.Endpoints[1] with { Health = EndpointHealth.Unready }] });
        mesh.Publish(other);
        Pass();
        Assert.Equal(["backend", "other"], Named());

        // The routes have moved on, and the request stays where it is.
        mesh.Publish(Snapshots.Service("backend").Routed(Snapshots.Rule(("elsewhere", 1))), other.Routed(Snapshots.Rule(("elsewhere", 1))));
        Pass();
        Assert.Equal(["other"], Named());

        response.Dispose();
        Pass();
        Assert.Empty(Named());
    }

    [Fact]
    public async Task A_report_that_fails_is_not_the_last_one()
    {
        await using var mesh = await StartAsync();
        using var client = mesh.CreateClient();
        _discovery.UsedFault = new InvalidOperationException("marked");
        await client.GetStringAsync("http://backend/");
        Pass();
        await client.GetStringAsync("http://other/");
        Pass();
        Assert.Equal(["backend", "other"], Named());
    }

    [Fact]
    public async Task Nothing_is_reported_after_the_end()
    {
        var mesh = await StartAsync();
        using var client = mesh.CreateClient();
        await client.GetStringAsync("http://backend/");
        await mesh.DisposeAsync();
        Pass();
        Assert.Empty(Named());
    }

    [Fact]
    public void Several_control_planes_are_asked_in_order_and_all_told()
    {
        var (first, second) = (new ScriptedDiscovery(), new ScriptedDiscovery());
        first.Answer("both", HostKnowledge.Absent);
        second.Answer("both", HostKnowledge.Unknown);
        second.Answer("second", HostKnowledge.Unknown);
        var both = ServiceDiscoveries.Of([first, second])!;
        Assert.Equal(HostKnowledge.Absent, both.Demand("both").Knowledge);
        Assert.Equal(HostKnowledge.Unknown, both.Demand("second").Knowledge);
        Assert.Equal(HostKnowledge.Foreign, both.Demand("neither").Knowledge);
        both.Used([new ServiceId("ns", "a")]);
        Assert.Equal((1, 1), (first.Uses.Count, second.Uses.Count));
        Assert.Same(first, ServiceDiscoveries.Of([first]));
        Assert.Null(ServiceDiscoveries.Of([]));
    }

    private Task<TestMesh> StartAsync() => TestMesh.StartAsync(
        new MeshEnvironment(new MeshOptions { TransportFactory = new EchoTransports() }) { Time = _time },
        _discovery,
        Snapshots.Service("backend").Routed(Snapshots.Rule(("other", 1))),
        Snapshots.Service("other", Pod));

    private void Pass() => _time.Advance(UsageReport.Period);

    private List<string> Named()
    {
        var names = _discovery.Uses.SelectMany(static services => services).Select(static id => id.Name).Order().ToList();
        _discovery.Uses.Clear();
        return names;
    }
}
