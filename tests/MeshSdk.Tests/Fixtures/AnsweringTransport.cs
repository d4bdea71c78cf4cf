namespace MeshSdk.Tests.Fixtures;

/// <summary>A network that answers every request at once with what a test makes up.</summary>
internal sealed class AnsweringTransport(Func<HttpResponseMessage> answer) : IMeshTransportFactory
{
    public HttpMessageHandler Create(MeshTransportContext context) => new Handler(answer);

    private sealed class Handler(Func<HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(answer());
    }
}
