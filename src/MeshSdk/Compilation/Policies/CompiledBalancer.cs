using MeshSdk.Model;

namespace MeshSdk.Compilation.Policies;

/// <summary>What a <c>loadBalancer</c> means, but for localities.</summary>
/// <param name="Kind">How an endpoint is chosen.</param>
/// <param name="Hash">For the kinds that hash.</param>
/// <param name="SlowStart">Null: new endpoints have their full share at once.</param>
internal sealed record CompiledBalancer(LoadBalancerKind Kind, HashModel? Hash, SlowStartModel? SlowStart)
{
    /// <summary>For the kind that weighs endpoints by the load that they report.</summary>
    public BackendUtilizationModel? BackendUtilization { get; init; }

    public static CompiledBalancer Default { get; } = new(LoadBalancerKind.LeastRequest, null, null);
}
