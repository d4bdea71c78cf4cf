using System.Collections.Immutable;
using System.Threading.Channels;
using MeshSdk.Resources;
using MeshSdk.Sources;

namespace MeshSdk.Tests.Runtime;

/// <summary>A source that says what the test tells it to, when it tells it to.</summary>
internal sealed class ScriptedSource : IResourceSource, ISourceHealth
{
    private readonly Channel<ResourceEvent> _events = Channel.CreateUnbounded<ResourceEvent>();
    private int _started;

    public string Name => "script";

    public int Started => _started;

    /// <summary>Events that nobody has taken yet.</summary>
    public int Unread => _events.Reader.Count;

    public ImmutableArray<WatchHealth> Health { get; set; } = [];

    public bool IsDisposed { get; private set; }

    public CancellationToken Token { get; private set; }

    /// <summary>Runs in the flow that starts the source.</summary>
    public Action? OnStart { get; init; }

    /// <summary>What the disposal waits for.</summary>
    public TaskCompletionSource? BeforeDispose { get; init; }

    public Exception? DisposeFault { get; init; }

    public static ResourceEvent Event(string manifests) => new() { Upserts = ManifestReader.Read(manifests, "script.yaml").Resources };

    public void Send(ResourceEvent next) => _events.Writer.TryWrite(next);

    public void Send(string manifests) => Send(Event(manifests));

    public void Sync(string manifests) => Send(Event(manifests) with { Synced = true });

    public void Delete(string kind, string name) => Send(new ResourceEvent { Deletes = [new ResourceKey(kind, "default", name)] });

    public void End(Exception? fault = null) => _events.Writer.TryComplete(fault);

    public ChannelReader<ResourceEvent> Start(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _started);
        Token = cancellationToken;
        OnStart?.Invoke();
        return _events.Reader;
    }

    public async ValueTask DisposeAsync()
    {
        IsDisposed = true;
        _events.Writer.TryComplete();
        if (BeforeDispose is not null)
        {
            await BeforeDispose.Task;
        }

        if (DisposeFault is not null)
        {
            throw DisposeFault;
        }
    }
}
