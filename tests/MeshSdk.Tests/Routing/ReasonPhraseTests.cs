using System.Net;

namespace MeshSdk.Tests.Routing;

public sealed class ReasonPhraseTests
{
    [Theory]
    [InlineData("backendRefs: [{ name: missing, port: 80 }]", "HTTPRoute default/split rule 0: there is no Service default/missing (BackendNotFound)")]
    [InlineData(
        "{ filters: [{ type: ExternalAuth }], backendRefs: [{ name: backend, port: 80 }] }",
        "HTTPRoute default/split rule 0: a filter of type 'ExternalAuth' is not supported in HTTPRoute by this version and must not be skipped (UnsupportedValue)")]
    public async Task An_answer_of_the_mesh_says_in_a_sentence_what_is_wrong(string rule, string expected)
    {
        var manifests = new InMemorySource();
        manifests.Apply(
            $$"""
            apiVersion: v1
            kind: Service
            metadata: { name: backend, namespace: default }
            spec: { ports: [{ port: 80 }] }
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: { name: split, namespace: default }
            spec:
              parentRefs: [{ group: "", kind: Service, name: backend }]
              rules:
              - {{rule}}
            """);
        await using var mesh = await Mesh.StartAsync(new MeshOptions { Namespace = "default", InMemory = manifests });
        using var client = mesh.CreateClient();

        using var response = await client.GetAsync("http://backend");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal(expected, response.ReasonPhrase);
    }
}
