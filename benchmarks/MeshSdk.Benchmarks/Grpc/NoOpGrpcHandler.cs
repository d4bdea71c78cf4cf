using System.Net;

namespace MeshSdk.Benchmarks.Grpc;

/// <summary>Answers at once with an empty message, and OK in the trailers.</summary>
internal sealed class NoOpGrpcHandler : HttpMessageHandler
{
    private static readonly byte[] Message = new byte[5];

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK)
        {
            Version = HttpVersion.Version20,
            RequestMessage = request,
            Content = new ByteArrayContent(Message),
        };
        response.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        response.TrailingHeaders.TryAddWithoutValidation("grpc-status", "0");
        return Task.FromResult(response);
    }
}
