using System.Net;

namespace MeshSdk.Benchmarks;

/// <summary>Answers at once: 204, or 200 with a short body where the path says so.</summary>
internal sealed class NoOpHandler : HttpMessageHandler
{
    private static readonly byte[] Body = "hello, world\n"u8.ToArray();

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.FromResult(Send(request, cancellationToken));

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.RequestUri!.PathAndQuery == "/body"
            ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(Body) }
            : new HttpResponseMessage(HttpStatusCode.NoContent);
}
