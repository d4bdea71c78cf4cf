using System.Threading.Channels;
using MeshSdk.Kubernetes;
using MeshSdk.Kubernetes.DependencyInjection;
using MeshSdk.Model;
using MeshSdk.Runtime;
using MeshSdk.Sources;

namespace MeshSdk.LoadTest.Cluster;

/// <summary>
/// The live source without a mesh behind it: what it tells is taken, counts as in force at once, and is forgotten, so that what stays in memory is
/// the source's own.
/// </summary>
internal sealed class SourceAlone : IAsyncDisposable
{
    private readonly KubernetesSource _source;
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;

    private SourceAlone(KubernetesSource source)
    {
        _source = source;
        _reading = ReadAsync(source.Start(CancellationToken.None));
    }

    /// <summary>Starts, and waits until everything that is followed from the start is there.</summary>
    /// <param name="options">Not validated, so that times may be shorter than is sensible.</param>
    public static async Task<SourceAlone> StartAsync(MeshKubernetesOptions options)
    {
        var environment = new MeshEnvironment(new MeshOptions { Namespace = "default" });
        var alone = new SourceAlone(
            KubernetesSourceFactory.Create(options, environment, KubernetesSourceFactory.Connector(options, environment)));
        await alone._synced.Task;
        return alone;
    }

    /// <summary>Asks for a host until its service is in force.</summary>
    public async Task LoadAsync(string host)
    {
        while (_source.Demand(host) is { Knowledge: not HostKnowledge.Absent } demand)
        {
            await (demand.Knowledge == HostKnowledge.Pending ? demand.Known : Task.Delay(10));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _reading;
    }

    private async Task ReadAsync(ChannelReader<ResourceEvent> events)
    {
        try
        {
            await foreach (var told in events.ReadAllAsync())
            {
                told.InForce?.TrySetResult();
                if (told.Synced)
                {
                    _synced.TrySetResult();
                }
            }
        }
        catch (Exception fault)
        {
            _synced.TrySetException(fault);
        }
    }
}
