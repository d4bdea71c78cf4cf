using System.Net;
using MeshSdk.Tests.Fixtures;

namespace MeshSdk.Tests.Http;

public sealed class CustomTransportTests
{
    [Fact]
    public async Task A_response_that_a_transport_leaves_without_its_request_gets_it()
    {
        var network = new AnsweringTransport(static () => new HttpResponseMessage(HttpStatusCode.OK));
        await using var mesh = await TestMesh.StartAsync(
            new MeshOptions { TransportFactory = network }, Snapshots.Service("backend", new IPEndPoint(IPAddress.Loopback, 1)));
        using var invoker = new HttpMessageInvoker(mesh.CreateHandler(options: new MeshClientOptions { RecordCalls = true }));
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://backend/");

        using var response = await invoker.SendAsync(request, CancellationToken.None);

        Assert.Same(request, response.RequestMessage);
        Assert.Equal("test/backend:80", response.GetMeshCall()!.Backend);
    }
}
