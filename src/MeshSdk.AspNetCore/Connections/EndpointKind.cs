namespace MeshSdk.AspNetCore.Connections;

/// <summary>What an endpoint of Kestrel is to the mesh.</summary>
internal enum EndpointKind
{
    /// <summary>Mutual TLS of the mesh and plaintext, as the mode has it.</summary>
    Mesh,

    /// <summary>The application does TLS there itself (<c>UseHttps</c>, an <c>https</c> address): that counts as plaintext does, which proves nobody either.</summary>
    OwnTls,

    /// <summary>Plaintext whatever the mode: for probes and metrics.</summary>
    Plaintext,
}
