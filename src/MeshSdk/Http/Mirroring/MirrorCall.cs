using MeshSdk.Clusters;
using MeshSdk.Routing;
using MeshSdk.Transport;

namespace MeshSdk.Http.Mirroring;

/// <summary>A copy of a request, as it was where the filter stands, that waits for the request itself to be sent.</summary>
/// <param name="Cluster">Where it goes.</param>
/// <param name="Message">Its own.</param>
/// <param name="Frontend">What the caller dialled.</param>
/// <param name="Profile">What the caller's client wants of connections, without its credentials.</param>
internal sealed record MirrorCall(ClusterState Cluster, HttpRequestMessage Message, Frontend Frontend, TransportProfile Profile);
