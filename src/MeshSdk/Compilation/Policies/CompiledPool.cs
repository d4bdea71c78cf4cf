using MeshSdk.Model;

namespace MeshSdk.Compilation.Policies;

/// <summary>What a <c>connectionPool</c> means.</summary>
/// <param name="Limits">How much of the cluster this process may take up; what is said of retries elsewhere is not in it.</param>
/// <param name="Connections">How connections are made and kept; what is said of the PROXY protocol is not in it.</param>
/// <param name="ConnectTimeout">How long a connection may take to make.</param>
/// <param name="Protocol">What the endpoints are spoken to in, where the pool decides it and not the port; null where it does not.</param>
internal sealed record CompiledPool(ConnectionLimits Limits, ConnectionSettings Connections, TimeSpan ConnectTimeout, ClusterProtocol? Protocol);
