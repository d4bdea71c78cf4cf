namespace MeshSdk.Tool.Describe;

/// <summary>What is asked of those who call the pods of a service. The properties and their order are a public interface that scripts read: may grow, never change.</summary>
/// <param name="WorkloadMtlsMode">One, or several where the pods differ.</param>
/// <param name="PortLevelMtls">By ports of the pods: those where it is another one.</param>
/// <param name="Applied">The policies that say so; empty where it is the default.</param>
internal sealed record DescribedPeers(IReadOnlyList<string> WorkloadMtlsMode, IReadOnlyList<DescribedPeerPort> PortLevelMtls, IReadOnlyList<DescribedObject> Applied);

internal sealed record DescribedPeerPort(int Port, IReadOnlyList<string> Mode);

internal sealed record DescribedObject(string Namespace, string Name);
