using MeshSdk.Security;

namespace MeshSdk.Transport;

/// <summary>
/// Holds requests back until there is an identity, where the application has put something in the place of sockets: what it does of TLS is its own
/// business, but an endpoint that must not be spoken to without an identity is not.
/// </summary>
internal sealed class IdentityGate(HttpMessageHandler inner, IdentityStore identities) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        identities.Current is null ? WaitAsync(request, cancellationToken) : base.SendAsync(request, cancellationToken);

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        identities.GetAsync(cancellationToken).AsTask().GetAwaiter().GetResult();
        return base.Send(request, cancellationToken);
    }

    private async Task<HttpResponseMessage> WaitAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await identities.GetAsync(cancellationToken).ConfigureAwait(false);
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
