using MeshSdk.Model;
using MeshSdk.Transport;

namespace MeshSdk.Tests.Fixtures;

/// <summary>Endpoints without a cluster around them, for policies.</summary>
internal static class Endpoints
{
    public static EndpointState[] Of(params EndpointModel[] models) => Of(new TransportSettings(), models);

    public static EndpointState[] Of(TransportSettings settings, params EndpointModel[] models) =>
        Array.ConvertAll(models, model => new EndpointState(Snapshots.Cluster("backend"), model, settings));

    /// <summary>Ready ones, 10.0.0.1 and on.</summary>
    public static EndpointState[] Ready(int count, Func<int, EndpointModel, EndpointModel>? change = null) =>
        Of([.. Models(count).Select((model, i) => change?.Invoke(i, model) ?? model)]);

    public static EndpointState[] Weighted(params int[] weights) => Ready(weights.Length, (i, model) => model with { Weight = weights[i] });

    public static IEnumerable<EndpointModel> Models(int count) =>
        Enumerable.Range(1, count).Select(static i => Snapshots.Endpoint($"10.0.{i / 250}.{(i % 250) + 1}"));

    /// <summary>How often each is picked.</summary>
    public static int[] Counts(this EndpointState[] endpoints, int picks, Func<EndpointState> pick)
    {
        var counts = new int[endpoints.Length];
        for (var i = 0; i < picks; i++)
        {
            counts[Array.IndexOf(endpoints, pick())]++;
        }

        return counts;
    }
}
