using System.Threading.Channels;

namespace MeshSdk.Sources;

/// <summary>Where objects come from: files, memory, an API server.</summary>
internal interface IResourceSource : IAsyncDisposable
{
    /// <summary>For people, as in <c>manifests mesh/</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Begins to deliver, and goes on until <paramref name="cancellationToken"/> fires or the source is disposed; then the channel completes.
    /// Called once. The first event that says <see cref="ResourceEvent.Synced"/> ends the initial list.
    /// A source survives its own faults: it reports them as problems and tries again. A channel that completes with an exception is
    /// one that can never deliver (the exception's message is for people).
    /// </summary>
    ChannelReader<ResourceEvent> Start(CancellationToken cancellationToken);
}
