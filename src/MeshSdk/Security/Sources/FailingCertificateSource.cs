namespace MeshSdk.Security.Sources;

/// <summary>Stands for a source that is meant and cannot be had: calls that need an identity hear why, and go out in plaintext as little as with one that is late.</summary>
internal sealed class FailingCertificateSource(string name, Exception reason) : ICertificateSource
{
    public string Name => name;

    public Task RunAsync(ICertificateSink sink, CancellationToken cancellationToken)
    {
        sink.Failed(reason);
        return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }
}
