using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;

namespace MeshSdk.Testing.Tests.Fixtures;

/// <summary>Embedded clusters and the requests that tests send them.</summary>
internal static class Cluster
{
    public const string Routes = "/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes";
    public const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    /// <summary>With plain kinds: what is tested here holds whatever the kinds are.</summary>
    public static Task<EmbeddedKubernetes> StartAsync(Action<EmbeddedKubernetesOptions>? configure = null) => EmbeddedKubernetes.StartAsync(
        options =>
        {
            options.Controllers = false;
            configure?.Invoke(options);
        },
        TestContext.Current.CancellationToken);

    public static JsonObject ConfigMap(string name, string value = "1", params (string Key, string Value)[] labels) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["labels"] = new JsonObject([.. labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value))]),
        },
        ["data"] = new JsonObject { ["value"] = value },
    };

    public static JsonObject Route(string name, int weight = 1) => new()
    {
        ["apiVersion"] = "gateway.networking.k8s.io/v1",
        ["kind"] = "HTTPRoute",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject
        {
            ["rules"] = new JsonArray(new JsonObject { ["backendRefs"] = new JsonArray(new JsonObject { ["name"] = "a", ["port"] = 80, ["weight"] = weight }) }),
        },
    };

    public static async Task<(int Code, JsonObject Body)> SendAsync(
        this HttpClient client, HttpMethod method, string path, JsonNode? body = null, string contentType = "application/json", string? accept = null)
    {
        using var request = new HttpRequestMessage(method, path) { Version = client.DefaultRequestVersion };
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, MediaTypeHeaderValue.Parse(contentType));
        }

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, text.StartsWith('{') ? JsonNode.Parse(text)!.AsObject() : new JsonObject { ["text"] = text });
    }

    public static async Task<JsonObject> CreateAsync(this HttpClient client, string path, JsonObject content)
    {
        var (code, body) = await client.SendAsync(HttpMethod.Post, path, content);
        Assert.True(code == 201, body.ToJsonString());
        return body;
    }

    public static Task<(int Code, JsonObject Body)> ReadAsync(this HttpClient client, string path, string? accept = null) =>
        client.SendAsync(HttpMethod.Get, path, accept: accept);

    public static Task<(int Code, JsonObject Body)> MergeAsync(this HttpClient client, string path, JsonObject patch) =>
        client.SendAsync(HttpMethod.Patch, path, patch, "application/merge-patch+json");

    public static string Version(this JsonNode content) => content["metadata"].As<JsonObject>().Text("resourceVersion") ?? "";

    public static string Name(this JsonNode content) => content["metadata"].As<JsonObject>().Text("name") ?? "";

    public static IReadOnlyList<string> Names(this JsonObject list) => [.. list["items"]!.AsArray().Select(item => item!.Name())];

    private static T As<T>(this JsonNode? node)
        where T : JsonNode => Assert.IsType<T>(node);
}
