namespace MeshSdk.Tests.Runtime;

/// <summary>Stands for everything outside the mesh.</summary>
internal sealed class PlainHandler : HttpMessageHandler
{
    public const string Body = "plain";

    public bool IsDisposed { get; private set; }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.FromResult(Send(request, cancellationToken));

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        new() { Content = new StringContent(Body), RequestMessage = request };

    protected override void Dispose(bool disposing)
    {
        IsDisposed = true;
        base.Dispose(disposing);
    }
}
