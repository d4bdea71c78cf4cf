using MeshSdk.Kubernetes.Connection;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Kubernetes.Watching;

/// <summary>What all reflectors of one server share.</summary>
internal sealed record WatchContext(ApiConnection Connection, TimeProvider Time, Random Random, ILogger Logger, WatchMetrics Metrics)
{
    public ServerFeatures Features { get; } = new();

    public ServedVersions Versions { get; } = new(Connection, Time);
}
