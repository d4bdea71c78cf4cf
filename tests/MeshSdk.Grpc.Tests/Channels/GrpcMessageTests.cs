using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using MeshSdk.Grpc.Tests.Protos;
using MeshSdk.Http.Rpc;

namespace MeshSdk.Grpc.Tests.Channels;

/// <summary>What the mesh writes into <c>grpc-message</c> is what a channel reads.</summary>
public sealed class GrpcMessageTests
{
    [Theory]
    [InlineData("no usable endpoint of shop/backend:7070 (GRPCRoute shop/orders rule 0, UH)")]
    [InlineData("100 %, %41 and %zz")]
    [InlineData("närvarande €, 😀")]
    [InlineData("a\r\nb\tc\0d\u007f")]
    [InlineData("~!\"#$&'()*+,-./:;<=>?@[\\]^_`{|}")]
    public async Task Its_text_comes_back(string text)
    {
        using var channel = GrpcChannel.ForAddress("http://backend", new GrpcChannelOptions { HttpHandler = new Failing(GrpcMessage.Encode(text)) });
        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Echo.EchoClient(channel).UnaryAsync(new EchoRequest()));
        Assert.Equal((StatusCode.Unavailable, text), (error.StatusCode, error.Status.Detail));
    }

    private sealed class Failing(string message) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = new HttpResponseMessage(HttpStatusCode.OK)
            {
                Version = HttpVersion.Version20, Content = new ByteArrayContent([]), RequestMessage = request, Headers = { { "grpc-status", "14" }, { "grpc-message", message } },
            };
            response.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
            return Task.FromResult(response);
        }
    }
}
