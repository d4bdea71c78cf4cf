using MeshSdk.Compilation.Filters;
using MeshSdk.Compilation.Policies;
using MeshSdk.Model;
using MeshSdk.Sources;

namespace MeshSdk.Compilation;

/// <summary>What holds for the whole mesh where no object says otherwise.</summary>
internal sealed record CompilerOptions
{
    public static CompilerOptions Default { get; } = new();

    /// <summary>How long a connection may take where no destination rule states it.</summary>
    public TimeSpan ConnectTimeout { get; init; } = ClusterModel.DefaultConnectTimeout;

    /// <summary>Whether mutual TLS is done where policies ask for it, so that peers prove who they are.</summary>
    public bool VerifiesPeers { get; init; } = true;

    /// <summary>Whether the process has an identity to show, or one to wait for. What has none to show and none to wait for is decided once, at its start.</summary>
    public bool HasIdentity { get; init; }

    /// <summary>How endpoints are spoken to for which no destination rule states a TLS mode.</summary>
    public MeshAutoMtls AutoMtls { get; init; }

    /// <summary>What sources have to tell of endpoints for that.</summary>
    public PeerDemand Peers => new(VerifiesPeers, AutoMtls != MeshAutoMtls.Off, HasIdentity || AutoMtls == MeshAutoMtls.Require) { ServesInbound = ServesInbound };

    /// <summary>Whether the process is called by others of the mesh, and has to know what is asked of them.</summary>
    public bool ServesInbound { get; init; }

    /// <summary>Whether a route may lead into another namespace only where a grant of that namespace permits it.</summary>
    public bool EnforcesGrants { get; init; }

    /// <summary>What a rule does that says nothing of retries; null: none.</summary>
    public RouteRetry? DefaultRetry { get; init; }

    /// <summary>
    /// What Istio does by default: two retries of calls that no server has looked at, whatever the method, and of gRPC calls that a server answers with
    /// nothing but UNAVAILABLE or CANCELLED. One that broke off on the way may have been carried out, and is not sent again.
    /// </summary>
    public static RouteRetry IstioRetry { get; } = new(Attempts: 2, Codes: [], Backoff: null)
    {
        IsDefault = true,
        Conditions = RetryConditions.Unprocessed,
        GrpcStatuses = [MeshRetryReader.Cancelled, MeshRetryReader.Unavailable],
    };

    /// <summary>What is added to the outlier detection that objects state.</summary>
    public OutlierAdditions Outliers { get; init; } = OutlierAdditions.None;

    /// <summary>Whether services that nobody calls may be missing: references to such are no mistake.</summary>
    public bool LoadsOnDemand { get; init; }

    /// <summary>The filters of the application's own.</summary>
    public ExtensionFilters Extensions { get; init; } = ExtensionFilters.None;
}
