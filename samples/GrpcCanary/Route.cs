using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using MeshSdk;

namespace GrpcCanary;

/// <summary>The GRPCRoute that divides the calls, as the API server has it.</summary>
internal sealed class Route(HttpClient api, Mesh mesh)
{
    private const string Name = "greeter";
    private const string Path = $"/apis/gateway.networking.k8s.io/v1/namespaces/{Cluster.Namespace}/grpcroutes/{Name}";

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Sets the weights of the first rule by one request, as kubectl does, and waits until the client obeys them.</summary>
    /// <returns>How long that took.</returns>
    public async Task<TimeSpan> SetWeightsAsync(Weights weights, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var generation = await PatchAsync(weights, cancellationToken);
        while (!IsInForce(generation))
        {
            if (Stopwatch.GetElapsedTime(started) > Longest)
            {
                throw new TimeoutException($"The weights {weights} were not in force after {Longest.TotalSeconds} s.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), cancellationToken);
        }

        return Stopwatch.GetElapsedTime(started);
    }

    /// <returns>What the API server counts: each change of what a route asks for has the next number.</returns>
    private async Task<long> PatchAsync(Weights weights, CancellationToken cancellationToken)
    {
        var operations =
            $$"""
            [{"op":"replace","path":"/spec/rules/0/backendRefs/0/weight","value":{{weights.V1}}},{"op":"replace","path":"/spec/rules/0/backendRefs/1/weight","value":{{weights.V2}}}]
            """;
        using var patch = new StringContent(operations, Encoding.UTF8, new MediaTypeHeaderValue("application/json-patch+json"));
        using var response = await api.PatchAsync(Path, patch, cancellationToken);
        response.EnsureSuccessStatusCode();
        using var route = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        return route.RootElement.GetProperty("metadata").GetProperty("generation").GetInt64();
    }

    private bool IsInForce(long generation) =>
        mesh.Routes.Any(route => route.Name == Name && route.Conditions.Any(condition => condition.ObservedGeneration == generation));
}
