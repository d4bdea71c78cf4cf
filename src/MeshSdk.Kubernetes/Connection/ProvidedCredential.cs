using System.Net.Http.Headers;
using k8s.Authentication;
using k8s.Exceptions;

namespace MeshSdk.Kubernetes.Connection;

/// <summary>One that KubernetesClient knows how to get and to renew.</summary>
internal sealed class ProvidedCredential(ITokenProvider provider) : ICredential
{
    public async ValueTask<AuthenticationHeaderValue?> GetHeaderAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await provider.GetAuthenticationHeaderAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesClientException fault)
        {
            throw new ConnectionException(fault.Message, fault);
        }
    }
}
