using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace CanaryDemo;

/// <summary>The HTTPRoute that divides the calls, as the API server has it.</summary>
internal sealed class Route(HttpClient api)
{
    public const string Name = "backend-split";

    private const string ServicePath = $"/api/v1/namespaces/{Cluster.Namespace}/services/backend";
    private const string Path = $"/apis/gateway.networking.k8s.io/v1/namespaces/{Cluster.Namespace}/httproutes/{Name}";

    /// <summary>The patch that sets the weights, as <c>kubectl patch --type=json</c> takes it.</summary>
    public static string PatchOf(Weights weights) =>
        $$"""
        [{"op":"replace","path":"/spec/rules/0/backendRefs/0/weight","value":{{weights.V1}}},{"op":"replace","path":"/spec/rules/0/backendRefs/1/weight","value":{{weights.V2}}}]
        """;

    /// <summary>Sets the weights by one request, as kubectl does.</summary>
    public async Task SetWeightsAsync(Weights weights, CancellationToken cancellationToken)
    {
        using var patch = new StringContent(PatchOf(weights), Encoding.UTF8, new MediaTypeHeaderValue("application/json-patch+json"));
        using var response = await api.PatchAsync(Path, patch, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Which object it is, and which version of it.</summary>
    public async Task<string> ReadVersionAsync(CancellationToken cancellationToken)
    {
        await using var body = await api.GetStreamAsync(Path, cancellationToken);
        using var route = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        var metadata = route.RootElement.GetProperty("metadata");
        return $"uid {metadata.GetProperty("uid").GetString()}, resourceVersion {metadata.GetProperty("resourceVersion").GetString()}";
    }

    /// <summary>Says in a line where calls are sent, whatever somebody has made of the route and the Service.</summary>
    public async Task<string> DescribeAsync(CancellationToken cancellationToken)
    {
        using var service = await api.GetAsync(ServicePath, cancellationToken);
        using var response = await api.GetAsync(Path, cancellationToken);
        var isGone = response.StatusCode == HttpStatusCode.NotFound;
        if (service.StatusCode == HttpStatusCode.NotFound)
        {
            return $"Service backend is gone{(isGone ? $", and HTTPRoute {Name} is gone" : "")}";
        }

        if (isGone)
        {
            return $"HTTPRoute {Name} is gone; calls go to the pods of the Service";
        }

        service.EnsureSuccessStatusCode();
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var route = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        return $"HTTPRoute {Name}: " + string.Join("; ", ElementsOf(route.RootElement.GetProperty("spec"), "rules").Select(RuleOf));
    }

    private static string RuleOf(JsonElement rule) =>
        string.Join(", ", ElementsOf(rule, "backendRefs").Select(backend => string.Create(
            CultureInfo.InvariantCulture,
            $"{backend.GetProperty("name").GetString()} {(backend.TryGetProperty("weight", out var weight) ? weight.GetInt32() : 1)}")));

    private static JsonElement[] ElementsOf(JsonElement parent, string list) =>
        parent.TryGetProperty(list, out var elements) ? [.. elements.EnumerateArray()] : [];
}
