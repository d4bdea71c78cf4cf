using MeshSdk;

namespace CanaryDemo.Identity;

/// <summary>The client's certificates for its mesh. An application in a pod needs no such class: what agents and drivers mount there is found.</summary>
internal sealed class ClientIdentity(Workload client) : ICertificateSource
{
    public string Name => "the demo's own authority";

    public async Task RunAsync(ICertificateSink sink, CancellationToken cancellationToken)
    {
        client.Replaced += Publish;
        try
        {
            Publish();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            client.Replaced -= Publish;
        }

        void Publish() => sink.Publish(client.Certificate.ToIdentity());
    }
}
