using MeshSdk.Model;
using MeshSdk.Transport.Lanes;

namespace MeshSdk.Transport;

/// <summary>
/// How the connections of an endpoint are made. What was made by one plan is not used under another: the endpoint then gets a state of its own.
/// </summary>
/// <param name="Settings">What each connection is like.</param>
/// <param name="Lanes">Where they are counted; null where it does not matter how many there are and what is on each.</param>
internal sealed record ConnectionPlan(ConnectionSettings Settings, ClusterLanes? Lanes = null)
{
    public static ConnectionPlan Default { get; } = new(ConnectionSettings.Default);
}
