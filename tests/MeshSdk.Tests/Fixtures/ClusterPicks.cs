using System.Diagnostics.CodeAnalysis;
using MeshSdk.Clusters;
using MeshSdk.LoadBalancing;
using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Fixtures;

/// <summary>Picks for a request that says nothing, and whose lease is the endpoint itself.</summary>
internal static class ClusterPicks
{
    private static readonly HttpRequestMessage Request = new(HttpMethod.Get, "http://backend/");

    public static bool TryPick(this ClusterState cluster, [NotNullWhen(true)] out EndpointState? endpoint, [NotNullWhen(true)] out ClusterModel? model) =>
        cluster.TryPick(null, out endpoint, out model);

    public static bool TryPick(
        this ClusterState cluster, IReadOnlyList<EndpointState>? tried, [NotNullWhen(true)] out EndpointState? endpoint, [NotNullWhen(true)] out ClusterModel? model)
    {
        var outcome = cluster.TryPick(new PickContext(Request, tried), out var lease, out model);
        endpoint = lease?.Endpoint;
        return outcome == PickOutcome.Picked;
    }

    public static EndpointPicker Over(this ILoadBalancingPolicy policy, EndpointState[] endpoints) => policy.Over(HostGroup.Of(endpoints), null);

    public static EndpointState? Pick(this EndpointSelection selection, params EndpointState[] tried) =>
        selection.Pick(new PickContext(Request, tried.Length == 0 ? null : tried));
}
