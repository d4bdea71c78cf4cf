using Grpc.Core;
using MeshSdk.Grpc.Tests.Fixtures;
using MeshSdk.Grpc.Tests.Fixtures.Callers;
using MeshSdk.Grpc.Tests.Fixtures.Scripts;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;
using MeshSdk.Grpc.Tests.Protos;

namespace MeshSdk.Grpc.Tests.Matrix;

/// <summary>
/// What a caller gets when a server fails, in each kind of call; what is counted for it, and whether the endpoint is held to account: one error is enough to
/// have it ejected here, so an endpoint that is left out was charged.
/// </summary>
public sealed class FailureTests(Servers servers)
{
    private const string OneStrike = "outlierDetection: { consecutive5xxErrors: 1, maxEjectionPercent: 100, interval: 3600s, baseEjectionTime: 3600s }";

    private const string All = "Unary BlockingUnary ServerStream ClientStream Duplex", Streams = "ServerStream Duplex", Async = "Unary ServerStream ClientStream Duplex";

    // The script; the kinds of calls; status and a part of the detail; what is counted; whether the endpoint is charged.
    public static TheoryData<string, string, StatusCode, string, string, bool> Failures => new()
    {
        // Trailers-only replies: as Envoy charges them.
        { "status:14", All, StatusCode.Unavailable, "as the script says", "200 14 -", true },
        { "status:13", All, StatusCode.Internal, "as the script says", "200 13 -", true },
        { "status:5", All, StatusCode.NotFound, "as the script says", "200 5 -", false },
        { "status:1", All, StatusCode.Cancelled, "as the script says", "200 1 -", false },

        // Real trailers: charged too.
        { "headers:14", All, StatusCode.Unavailable, "as the script says", "200 14 -", true },
        { "headers:8", All, StatusCode.ResourceExhausted, "as the script says", "200 8 -", false },
        { "replied:14", Streams, StatusCode.Unavailable, "as the script says", "200 14 -", true },
        { "replied:0", "ServerStream", StatusCode.OK, "as the script says", "200 0 -", false },

        // An answer of HTTP alone.
        { "http:503", All, StatusCode.Unavailable, "503", "503 2 -", true },
        { "http:404", All, StatusCode.Unimplemented, "404", "404 2 -", false },

        // Streams and connections that break.
        { "reset:2", All, StatusCode.Unavailable, "gave up the request before it answered", "200 14 UC", true },
        { "reset:8", All, StatusCode.Unavailable, "gave up the request before it answered", "200 14 UC", true },
        { "headers-reset:2", Async, StatusCode.Internal, "", "200 2 UC", true },
        { "replied-reset:2", Streams, StatusCode.Internal, "", "200 2 UC", true },
        { "abort", All, StatusCode.Unavailable, "ended the connection before it answered", "200 14 UC", true },
        { "headers-abort", Async, StatusCode.Unavailable, "", "200 2 UC", true },
        { "replied-abort", Streams, StatusCode.Unavailable, "", "200 2 UC", true },
        { "goaway", All, StatusCode.OK, "", "200 0 -", false },
    };

    public static TheoryData<CallKind, ClientWay, Layer, string, StatusCode, string, string, bool> Cells =>
    [
        .. from failure in Failures
           let row = failure.Data
           from kind in row.Item2.Split(' ').Select(Enum.Parse<CallKind>)
           from way in new[] { ClientWay.Invoker, ClientWay.Factory, ClientWay.Channel }
           from layer in new[] { Layer.Plaintext, Layer.AutoMtls }
           where way == ClientWay.Invoker || (layer == Layer.Plaintext && kind is CallKind.Unary or CallKind.Duplex)
           select (kind, way, layer, row.Item1, row.Item3, row.Item4, row.Item5, row.Item6),
    ];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_failure_is_told_counted_and_charged(
        CallKind kind, ClientWay way, Layer layer, string script, StatusCode status, string detail, string counted, bool isCharged)
    {
        await using var caller = await StartAsync(layer, way);
        var call = new Call(script);

        var result = await caller.Client.CallAsync(kind, call);

        Assert.Equal(status, result.Status);
        Assert.Contains(detail, result.Detail, StringComparison.Ordinal);
        Assert.Equal($"backend {counted}", Assert.Single(await caller.CountedAsync(1)));
        if (script[0] != 'h' || script[1] != 't')
        {
            Assert.Single(call.Arrivals);
        }

        await caller.IdleAsync("backend");
        Assert.Equal(isCharged ? 0 : 1, caller.Usable().Count);
    }

    public static TheoryData<CallKind, ClientWay, bool> Kinds =>
    [
        .. from kind in Enum.GetValues<CallKind>()
           from way in new[] { ClientWay.Invoker, ClientWay.Factory, ClientWay.Channel }
           from hasHeaders in new[] { false, true }
           select (kind, way, hasHeaders),
    ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_the_caller_cancels_charges_nobody(CallKind kind, ClientWay way, bool hasHeaders)
    {
        await using var caller = await StartAsync(Layer.Plaintext, way);
        using var cancellation = new CancellationTokenSource();
        var call = new Call(hasHeaders ? "headers-wait" : "wait", options: new CallOptions(cancellationToken: cancellation.Token));
        var under = caller.Client.CallAsync(kind, call);
        var arrival = (await call.ArrivedAsync())[0];

        await cancellation.CancelAsync();

        var result = await under;

        // A unary call that is cancelled just when its headers come is Internal now and then to Grpc.Net.Client, also without a mesh.
        Assert.True(
            result.Status == StatusCode.Cancelled || (hasHeaders && result.Detail.StartsWith("Error starting gRPC call.", StringComparison.Ordinal)), $"{result}");
        await arrival.Cancelled.WaitAsync(Eventually.Patience);
        await caller.IdleAsync("backend");
        Assert.Single(caller.Usable());
        if (!hasHeaders)
        {
            Assert.Equal("backend 0 1 DC", Assert.Single(await caller.CountedAsync(1)));
        }
    }

    [Theory]
    [InlineData(CallKind.Unary, false)]
    [InlineData(CallKind.ServerStream, false)]
    [InlineData(CallKind.ClientStream, false)]
    [InlineData(CallKind.Duplex, false)]
    [InlineData(CallKind.ServerStream, true)]
    [InlineData(CallKind.Duplex, true)]
    public async Task What_the_caller_cancels_after_the_headers_is_counted_as_cancelled(CallKind kind, bool byDisposal)
    {
        await using var caller = await StartAsync(Layer.Plaintext, ClientWay.Invoker);
        using var cancellation = new CancellationTokenSource();
        var call = new Call("headers-wait", options: new CallOptions(cancellationToken: cancellation.Token));
        if (byDisposal)
        {
            using var down = kind == CallKind.ServerStream ? caller.Client.ServerStream(new EchoRequest { Text = "a" }, call.Options) : null;
            using var both = kind == CallKind.Duplex ? caller.Client.Duplex(call.Options) : null;
            await (down?.ResponseHeadersAsync ?? both!.ResponseHeadersAsync).WaitAsync(Eventually.Patience);
        }
        else
        {
            var under = caller.Client.CallAsync(kind, call);
            await call.SeenAsync();
            await cancellation.CancelAsync();
            await under;
        }

        Assert.Equal("backend 200 1 DC", Assert.Single(await caller.CountedAsync(1)));
        await caller.IdleAsync("backend");
        Assert.Single(caller.Usable());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_deadline_of_the_callers_charges_nobody(CallKind kind, ClientWay way, bool hasHeaders)
    {
        await using var caller = await StartAsync(Layer.Plaintext, way);

        // A server that is as punctual as the caller may be the first to say that it is late, and is charged as for any DEADLINE_EXCEEDED of its own.
        var call = new Call(hasHeaders ? "headers-wait" : "wait", "x-deaf=1", new CallOptions(deadline: DateTime.UtcNow.AddMilliseconds(400)));

        var result = await caller.Client.CallAsync(kind, call);

        Assert.Equal(StatusCode.DeadlineExceeded, result.Status);
        await caller.IdleAsync("backend");
        Assert.Single(caller.Usable());
    }

    [Theory]
    [InlineData(ClientWay.Invoker)]
    [InlineData(ClientWay.Channel)]
    public async Task What_is_over_before_it_begins_is_not_sent(ClientWay way)
    {
        await using var caller = await StartAsync(Layer.Plaintext, way);
        var late = new Call(options: new CallOptions(deadline: DateTime.UtcNow.AddSeconds(-1)));
        var cancelled = new Call(options: new CallOptions(cancellationToken: new CancellationToken(canceled: true)));
        foreach (var kind in Enum.GetValues<CallKind>())
        {
            Assert.Equal(StatusCode.DeadlineExceeded, (await caller.Client.CallAsync(kind, late)).Status);
            Assert.Equal(StatusCode.Cancelled, (await caller.Client.CallAsync(kind, cancelled)).Status);
        }

        Assert.Equal(StatusCode.OK, (await caller.Client.CallAsync(new Call())).Status);
        Assert.Empty(late.Arrivals);
        Assert.Empty(cancelled.Arrivals);
        await caller.IdleAsync("backend");
        Assert.Single(caller.Usable());
    }

    public static TheoryData<CallKind, Layer> KindsAndLayers =>
    [
        .. from kind in Enum.GetValues<CallKind>()
           from layer in new[] { Layer.Plaintext, Layer.AutoMtls }
           select (kind, layer),
    ];

    [Theory]
    [MemberData(nameof(KindsAndLayers))]
    public async Task An_endpoint_that_refuses_connections_is_charged_and_named(CallKind kind, Layer layer)
    {
        var gone = await ScriptedServer.StartAsync("gone");
        await gone.DisposeAsync();
        await using var caller = await MeshCaller.StartAsync(Cluster.Service("backend", layer, OneStrike, gone), identity: servers.ClientOf(layer));

        var result = await caller.Client.CallAsync(kind, new Call());

        Assert.Equal(StatusCode.Unavailable, result.Status);
        Assert.Contains($"127.0.0.1:{gone.EndPoint.Port} of default/backend:80 could not be connected to", result.Detail, StringComparison.Ordinal);
        Assert.Equal(["backend 200 14 UF"], await caller.CountedAsync(1));
        await caller.IdleAsync("backend");
        Assert.Empty(caller.Usable());

        result = await caller.Client.CallAsync(kind, new Call());
        Assert.Equal(StatusCode.Unavailable, result.Status);
        Assert.Contains("no usable endpoint of", result.Detail, StringComparison.Ordinal);
        Assert.Equal("backend 200 14 UH", (await caller.CountedAsync(2))[1]);
    }

    [Theory]
    [MemberData(nameof(KindsAndLayers))]
    public async Task A_call_goes_on_where_one_endpoint_refuses_connections(CallKind kind, Layer layer)
    {
        var gone = await ScriptedServer.StartAsync("gone");
        await gone.DisposeAsync();
        await using var caller = await MeshCaller.StartAsync(
            Cluster.Service("backend", layer, $"loadBalancer: {{ simple: ROUND_ROBIN }}, {OneStrike}", gone, servers.Of(layer, "v1-a")), identity: servers.ClientOf(layer));
        for (var i = 0; i < 4; i++)
        {
            var result = await caller.Client.CallAsync(kind, new Call());
            Assert.Equal((StatusCode.OK, "v1-a"), (result.Status, result.Server));
        }

        Assert.All(await caller.CountedAsync(4), static counted => Assert.Equal("backend 200 0 -", counted));
        Assert.Equal(servers.Of(layer, "v1-a").EndPoint.Port, Assert.Single(caller.Usable()).Model.Port);
    }

    private Task<MeshCaller> StartAsync(Layer layer, ClientWay way) =>
        MeshCaller.StartAsync(Cluster.Service("backend", layer, OneStrike, servers.Of(layer, "v1-a")), way, servers.ClientOf(layer));
}
