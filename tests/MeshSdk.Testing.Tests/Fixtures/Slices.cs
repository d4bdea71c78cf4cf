using System.Text.Json.Nodes;

namespace MeshSdk.Testing.Tests.Fixtures;

/// <summary>EndpointSlices of ten endpoints, about as large as a cluster's.</summary>
internal static class Slices
{
    public static JsonObject New(int number) => new()
    {
        ["apiVersion"] = "discovery.k8s.io/v1",
        ["kind"] = "EndpointSlice",
        ["metadata"] = new JsonObject
        {
            ["name"] = $"service-{number}-abcde",
            ["namespace"] = "default",
            ["labels"] = new JsonObject
            {
                ["endpointslice.kubernetes.io/managed-by"] = "endpointslice-controller.k8s.io",
                ["kubernetes.io/service-name"] = $"service-{number}",
            },
        },
        ["addressType"] = "IPv4",
        ["endpoints"] = new JsonArray([.. Enumerable.Range(0, 10).Select(i => Endpoint(number, i))]),
        ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["port"] = 8080, ["protocol"] = "TCP" }),
    };

    private static JsonObject Endpoint(int number, int i) => new()
    {
        ["addresses"] = new JsonArray($"10.{number / 256}.{number % 256}.{i + 1}"),
        ["conditions"] = new JsonObject { ["ready"] = true, ["serving"] = true, ["terminating"] = false },
        ["nodeName"] = $"node-{i}.europe-west1.internal.example.com",
        ["targetRef"] = new JsonObject
        {
            ["kind"] = "Pod",
            ["name"] = $"service-{number}-7c5ddbdf54-{i:00000}",
            ["namespace"] = "default",
            ["uid"] = new Guid(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)i).ToString(),
        },
        ["zone"] = "europe-west1-b",
    };
}
