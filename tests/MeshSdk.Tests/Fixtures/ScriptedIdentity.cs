using System.Threading.Channels;
using MeshSdk.Testing;

namespace MeshSdk.Tests.Fixtures;

/// <summary>Delivers the identities and the failures that a test says, when it says so.</summary>
internal sealed class ScriptedIdentity : ICertificateSource
{
    private readonly Channel<Action<ICertificateSink>> _script = Channel.CreateUnbounded<Action<ICertificateSink>>();

    public string Name => "the test";

    public ScriptedIdentity Publish(MeshTestCertificate certificate)
    {
        _script.Writer.TryWrite(sink => sink.Publish(certificate.ToIdentity()));
        return this;
    }

    public ScriptedIdentity Fail(string reason)
    {
        _script.Writer.TryWrite(sink => sink.Failed(new InvalidOperationException(reason)));
        return this;
    }

    public async Task RunAsync(ICertificateSink sink, CancellationToken cancellationToken)
    {
        await foreach (var step in _script.Reader.ReadAllAsync(cancellationToken))
        {
            step(sink);
        }
    }
}
