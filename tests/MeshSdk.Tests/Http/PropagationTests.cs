using System.Diagnostics;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http;

/// <summary>A client that hands traces on in a way of its own does so through the mesh too.</summary>
public sealed class PropagationTests
{
    public static TheoryData<string, DistributedContextPropagator?, string> Own => new()
    {
        { "none", null, "" },
        { "no output", DistributedContextPropagator.CreateNoOutputPropagator(), "" },
        { "its own", new OwnPropagator(), "x-own-trace" },
    };

    // With a span of the mesh, which the mesh hands on itself, and without, where the HTTP stack does.
    [Theory]
    [MemberData(nameof(Own))]
    public async Task Within_a_trace_of_the_mesh(string what, DistributedContextPropagator? propagator, string sent)
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "MeshSdk",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        await TheClientsOwnPropagatorIsUsed(what, propagator, sent);
    }

    [Theory]
    [MemberData(nameof(Own))]
    public Task Within_a_trace_of_the_caller(string what, DistributedContextPropagator? propagator, string sent) =>
        TheClientsOwnPropagatorIsUsed(what, propagator, sent);

    private static async Task TheClientsOwnPropagatorIsUsed(string what, DistributedContextPropagator? propagator, string sent)
    {
        await using var server = await EchoServer.StartAsync();
        await using var mesh = await TestMesh.StartAsync(Snapshots.Service("backend", server.EndPoint));
        using var usual = mesh.CreateClient();
        using var client = mesh.CreateClient(new SocketsHttpHandler { ActivityHeadersPropagator = propagator });
        using var caller = new Activity("caller").Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/") { Headers = { { "x-other", what } } };

        var before = await Echo.ReadAsync(await usual.GetAsync("http://backend/"));
        var echo = await Echo.ReadAsync(await client.SendAsync(request));

        Assert.Contains("traceparent", before.Headers.Keys);
        Assert.Equal(sent, string.Join(' ', echo.Headers.Keys.Where(static k => k.Contains("trace", StringComparison.Ordinal))));
        Assert.Equal(["x-other"], request.Headers.Select(static h => h.Key));
    }

    private sealed class OwnPropagator : DistributedContextPropagator
    {
        public override IReadOnlyCollection<string> Fields => ["x-own-trace"];

        public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) =>
            setter?.Invoke(carrier, "x-own-trace", activity?.Id ?? "");

        public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
            (traceId, traceState) = (null, null);

        public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
    }
}
