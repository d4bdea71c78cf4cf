using System.Text.Json.Nodes;
using MeshSdk.Testing.Discovery;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Tests.Discovery;

public sealed class OpenApiDocumentsTests
{
    [Fact]
    public void The_index_names_every_group_version_and_each_has_its_document()
    {
        var registry = new ResourceRegistry();
        var documents = new OpenApiDocuments(registry);
        var paths = JsonNode.Parse(documents.Index.Span)!["paths"]!.AsObject();

        Assert.Equal(
            registry.All.Select(type => type.Group.Length == 0 ? "api/" + type.Version : "apis/" + type.ApiVersion).Distinct(),
            paths.Select(path => path.Key));
        Assert.StartsWith("/openapi/v3/api/v1?hash=", paths["api/v1"]!["serverRelativeURL"]!.ToString(), StringComparison.Ordinal);
        Assert.All(registry.All, type => Assert.NotNull(documents.Find(type.Group, type.Version)));
        Assert.Null(documents.Find("nobody", "v1"));
    }

    [Fact]
    public void A_document_says_what_kubectl_looks_for()
    {
        var document = JsonNode.Parse(new OpenApiDocuments(new ResourceRegistry()).Find("gateway.networking.k8s.io", "v1")!.Value.Span)!;

        var patch = document["paths"]!["/apis/gateway.networking.k8s.io/v1/namespaces/{namespace}/httproutes/{name}"]!["patch"]!;
        Assert.Equal("HTTPRoute", patch["x-kubernetes-group-version-kind"]!["kind"]!.ToString());
        Assert.Contains("fieldValidation", patch["parameters"]!.AsArray().Select(parameter => parameter!["name"]!.ToString()));
        Assert.NotNull(document["paths"]!["/apis/gateway.networking.k8s.io/v1/gatewayclasses/{name}"]);
        var route = document["components"]!["schemas"]!.AsObject().Single(schema => schema.Key.EndsWith(".HTTPRoute", StringComparison.Ordinal)).Value!;
        Assert.Equal("HTTPRoute", route["x-kubernetes-group-version-kind"]![0]!["kind"]!.ToString());
        Assert.Equal(1, route["properties"]!["spec"]!["properties"]!["rules"]!["items"]!["properties"]!["backendRefs"]!["items"]!["properties"]!["weight"]!["default"]!.GetValue<int>());
    }

    [Fact]
    public void The_hash_follows_the_content()
    {
        var registry = new ResourceRegistry();
        var documents = new OpenApiDocuments(registry);
        var (istio, gateway) = (Url("apis/networking.istio.io/v1"), Url("apis/gateway.networking.k8s.io/v1"));
        Assert.Equal(istio, JsonNode.Parse(new OpenApiDocuments(new ResourceRegistry()).Index.Span)!["paths"]!["apis/networking.istio.io/v1"]!["serverRelativeURL"]!.ToString());

        registry.Remove("sidecars.networking.istio.io");

        Assert.NotEqual(istio, Url("apis/networking.istio.io/v1"));
        Assert.Equal(gateway, Url("apis/gateway.networking.k8s.io/v1"));

        string Url(string path) => JsonNode.Parse(documents.Index.Span)!["paths"]![path]!["serverRelativeURL"]!.ToString();
    }
}
