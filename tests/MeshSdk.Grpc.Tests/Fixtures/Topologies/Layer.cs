namespace MeshSdk.Grpc.Tests.Fixtures.Topologies;

/// <summary>What lies between client and server.</summary>
public enum Layer
{
    Plaintext,

    /// <summary>Mutual TLS since the pods of the servers are labelled for it.</summary>
    AutoMtls,

    /// <summary>Mutual TLS since a DestinationRule says <c>ISTIO_MUTUAL</c>.</summary>
    IstioMutual,
}
