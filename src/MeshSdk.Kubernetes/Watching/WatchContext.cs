using MeshSdk.Kubernetes.Connection;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Kubernetes.Watching;

/// <summary>What all reflectors of one server share.</summary>
internal sealed record WatchContext(ApiConnection Connection, TimeProvider Time, Random Random, ILogger Logger, WatchMetrics Metrics)
{
    // So many lists at once, however many watches have lost their place: each is work for the server, and memory for this process.
    private const int MostLists = 8;

    public ServerFeatures Features { get; } = new(Time);

    public ServedVersions Versions { get; } = new(Connection, Time);

    public AbsentKinds Absent { get; } = new(Connection, Time);

    /// <summary>To be entered for each list.</summary>
    public SemaphoreSlim Lists { get; } = new(MostLists, MostLists);
}
