namespace MeshSdk.Tests.Fixtures;

/// <summary>Tells when the head of an answer has come to the caller, whose client goes on to read the body.</summary>
internal sealed class HeadNoticed(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    public TaskCompletionSource Come { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        Come.SetResult();
        return response;
    }
}
