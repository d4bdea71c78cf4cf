using System.Security.Cryptography.X509Certificates;

namespace MeshSdk;

/// <summary>A caller that has proved by mutual TLS who it is in the mesh.</summary>
public sealed class MeshPeer
{
    internal MeshPeer(SpiffeId id, X509Certificate2 certificate) => (Id, Certificate) = (id, certificate);

    /// <summary>Who it is.</summary>
    public SpiffeId Id { get; }

    /// <summary>By what it has proved that; belongs to the connection.</summary>
    public X509Certificate2 Certificate { get; }
}
