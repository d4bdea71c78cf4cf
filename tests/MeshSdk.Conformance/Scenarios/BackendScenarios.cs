using System.Net.WebSockets;
using MeshSdk.Conformance.Cases;
using static MeshSdk.Conformance.Scenarios.Table;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>What backendRefs lead to.</summary>
internal static class BackendScenarios
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        Gateway("httproute-invalid-nonexistent-backendref", "HTTPRoute", Row("/", 500)),
        Gateway("httproute-invalid-backendref-unknown-kind", "HTTPRoute", Row("/v2", 500), Row("/v1", V1)),
        Gateway("httproute-omitted-backendrefs", "HTTPRoute", Row("/forward", V1), Row("/omitted-no-forward", 500), Row("/empty-no-forward", 500)),
        Gateway(
            "httproute-service-types",
            "HTTPRoute",
            Row("/manual-endpointslices", V1),
            Row("/headless", V1),
            Row("/headless-manual-endpointslices", V1)),
        Gateway("httproute-backend-protocol-h2c", "HTTPRouteBackendProtocolH2C", Row("/", V1)) with { Protocol = "HTTP/2" },
        Gateway("httproute-backend-protocol-websocket", "HTTPRouteBackendProtocolWebSocket", Case.That("a WebSocket carries text both ways", SocketAsync)) with
        {
            Versions = ["1.1"],
        },
    ];

    private static Task SocketAsync(Run run) => run.ConvergeAsync(async () =>
    {
        var caller = await run.World.CallerAsync(Cluster.Names.Infra);
        using var socket = new ClientWebSocket();
        try
        {
            await socket.ConnectAsync(new Uri("ws://gateway/"), caller.Invoker, TestContext.Current.CancellationToken);
        }
        catch (WebSocketException e)
        {
            return e.Message;
        }

        await socket.SendAsync("websocket"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        var buffer = new byte[64];
        var received = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        Assert.Equal("websocket"u8, buffer.AsSpan(0, received.Count));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
        return socket.CloseStatusDescription == $"{V1}-0" ? null : $"closed by {socket.CloseStatusDescription}";
    });
}
