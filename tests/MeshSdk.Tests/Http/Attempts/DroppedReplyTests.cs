using System.Collections.Concurrent;
using System.Net.Http.Headers;
using MeshSdk.Tests.Fixtures;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Http.Attempts;

/// <summary>A reply that is dropped for a retry says of its server what any reply does.</summary>
public sealed class DroppedReplyTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Its_load_report_is_heard(bool isGrpc)
    {
        await using var mesh = await RuledMesh.StartAsync(RuledMesh.Rule(retry: RuledMesh.Retry(2, 503)), (sent, _) =>
        {
            var reply = ScriptedTransport.Response(isGrpc || sent.Number == 3 ? 200 : 503);
            if (isGrpc)
            {
                reply.Headers.TryAddWithoutValidation("grpc-status", sent.Number == 3 ? "0" : "14");
            }

            reply.Headers.TryAddWithoutValidation("endpoint-load-metrics", $"TEXT cpu_utilization=0.{sent.Number}");
            return Task.FromResult(reply);
        });
        var loads = new Loads();
        mesh.Mesh.Endpoint().Loads = loads;
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://backend/test.Echo/Unary") { Content = new ByteArrayContent([]) };
        request.Content.Headers.ContentType = isGrpc ? new MediaTypeHeaderValue("application/grpc") : null;

        using var response = await mesh.PassAsync(mesh.Client.SendAsync(request));

        Assert.Equal(3, mesh.Network.Sends);
        Assert.Equal(["TEXT cpu_utilization=0.1", "TEXT cpu_utilization=0.2", "TEXT cpu_utilization=0.3"], loads.Heard);
    }

    private sealed class Loads : ILoadSink
    {
        public ConcurrentQueue<string> Heard { get; } = new();

        public void Hear(HttpResponseHeaders headers)
        {
            if (headers.TryGetValues("endpoint-load-metrics", out var values))
            {
                Heard.Enqueue(Assert.Single(values));
            }
        }

        public void Rejoin()
        {
        }
    }
}
