using System.Collections.Immutable;
using System.Threading.Channels;
using MeshSdk.Model;
using MeshSdk.Resources;
using MeshSdk.Sources;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Tool.Tests.Configuration;

/// <summary>A cluster that serves what a file says, namespace by namespace, as a live source would.</summary>
internal sealed class FakeCluster(string manifests)
{
    /// <summary>The options of every source that was made.</summary>
    public List<MeshKubernetesOptions> Opened { get; } = [];

    public CallerContext? Caller { get; private set; }

    public ImmutableArray<UnknownScope> Unknown { get; init; } = [];

    public IResourceSource Open(MeshKubernetesOptions options, CallerContext caller, ToolEnvironment environment, ILoggerFactory loggers)
    {
        Opened.Add(options);
        Caller = caller;
        var served = options.Namespaces.Append(caller.Namespace).ToHashSet();
        return new FakeSource(new ResourceEvent
        {
            Upserts = [.. ManifestReader.Read(manifests, "cluster").Resources
                .Where(resource => options.Scope == MeshKubernetesScope.Cluster || served.Contains(resource.Metadata.Namespace))],
            Unknown = Unknown,
            Synced = true,
        });
    }
}

/// <summary>A source that says what it is told to, and nothing more until it is stopped.</summary>
internal sealed class FakeSource(params ResourceEvent[] events) : IResourceSource, ISourceHealth
{
    private readonly Channel<ResourceEvent> _events = Channel.CreateUnbounded<ResourceEvent>();

    public string Name => "fake";

    public ImmutableArray<WatchHealth> Health { get; set; } = [];

    public Exception? Fault { get; init; }

    public bool IsDisposed { get; private set; }

    public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ChannelReader<ResourceEvent> Start(CancellationToken cancellationToken)
    {
        Array.ForEach(events, change => _events.Writer.TryWrite(change));
        if (Fault is not null)
        {
            _events.Writer.Complete(Fault);
        }

        cancellationToken.Register(() => _events.Writer.TryComplete());
        Started.TrySetResult();
        return _events.Reader;
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        _events.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }
}
