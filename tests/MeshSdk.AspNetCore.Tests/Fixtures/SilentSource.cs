using System.Threading.Channels;
using MeshSdk.Sources;

namespace MeshSdk.AspNetCore.Tests.Fixtures;

/// <summary>A source that nothing has come from yet.</summary>
internal sealed class SilentSource : IResourceSource
{
    private readonly Channel<ResourceEvent> _channel = Channel.CreateUnbounded<ResourceEvent>();

    public string Name => "silence";

    public ChannelReader<ResourceEvent> Start(CancellationToken cancellationToken) => _channel.Reader;

    public ValueTask DisposeAsync()
    {
        _channel.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }
}
