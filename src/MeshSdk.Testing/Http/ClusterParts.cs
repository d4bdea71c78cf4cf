using MeshSdk.Testing.Access;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Discovery;
using MeshSdk.Testing.Faults;
using MeshSdk.Testing.Storage;

namespace MeshSdk.Testing.Http;

/// <summary>What the endpoints work with: everything of a cluster that outlives a listening socket.</summary>
internal sealed record ClusterParts
{
    public required EmbeddedKubernetesOptions Options { get; init; }

    public required IObjectSemantics Semantics { get; init; }

    public required ResourceStore Store { get; init; }

    public required ObjectWriter Writer { get; init; }

    public required TokenAuthority Tokens { get; init; }

    /// <summary>Null: everybody with a token may do everything.</summary>
    public required IAuthorizer? Authorizer { get; init; }

    public required FaultInjector Faults { get; init; }

    public required DiscoveryDocuments Discovery { get; init; }

    public required WatchEndpoint Watches { get; init; }
}
