using System.Net.Http.Headers;

namespace MeshSdk.Kubernetes.Connection;

/// <summary>What proves to the API server who calls. Safe for use from several threads.</summary>
internal interface ICredential
{
    /// <returns>Null: requests carry nothing, since the handshake says it all or nobody need say who they are.</returns>
    /// <exception cref="ConnectionException">There is none to be had.</exception>
    ValueTask<AuthenticationHeaderValue?> GetHeaderAsync(CancellationToken cancellationToken);

    /// <summary>A certificate that comes with it, newer than that of the settings; null: there is none.</summary>
    ValueTask<ClientCertificateText?> GetCertificateAsync(CancellationToken cancellationToken) => ValueTask.FromResult<ClientCertificateText?>(null);

    /// <summary>The server did not accept it: the next one is to be a fresh one.</summary>
    /// <param name="refused">What the request carried. A late refusal of an old one says nothing of the one that has replaced it.</param>
    void Invalidate(AuthenticationHeaderValue? refused)
    {
    }
}
