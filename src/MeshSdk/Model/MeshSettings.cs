using System.Collections.Immutable;

namespace MeshSdk.Model;

/// <summary>What holds for the whole mesh, as far as it is a matter of the data plane and of no single service.</summary>
internal sealed record MeshSettings
{
    public static MeshSettings Default { get; } = new();

    /// <summary>The SPIFFE trust domain that identities of the mesh are of.</summary>
    public string TrustDomain { get; init; } = "cluster.local";

    /// <summary>Further trust domains whose identities are as good.</summary>
    public ImmutableArray<string> TrustDomainAliases { get; init; } = [];

    /// <summary>Whether endpoints that can do mutual TLS are spoken to by it where no policy says otherwise.</summary>
    public bool AutoMtls { get; init; } = true;

    /// <summary>What else handles the traffic of this process.</summary>
    public LocalProxy Proxy { get; init; } = LocalProxy.None;

    /// <summary>Whether mutual TLS of the mesh is version 1.3 at least, and not 1.2.</summary>
    public bool RequiresTls13 { get; init; }

    /// <summary>What is done to the paths of calls that come in, before authorization policies look at them.</summary>
    public PathNormalization PathNormalization { get; init; } = PathNormalization.Base;
}
