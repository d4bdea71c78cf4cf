using MeshSdk.Testing.Discovery;
using MeshSdk.Testing.Schemas;
using MeshSdk.Testing.Tests.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Testing.Tests.Discovery;

/// <summary>The documents as the real kubectl reads them, from a server that has nothing else.</summary>
public sealed class ExplainTests
{
    private static readonly OpenApiDocuments Documents = new(new ResourceRegistry());

    [Theory]
    [InlineData("httproute.spec.rules.backendRefs.weight", "FIELD: weight <integer>", "This backend's share")]
    [InlineData("httproute.spec.rules.timeouts", "request", "The whole request, with all its attempts.")]
    [InlineData("httproute.metadata.finalizers", "FIELD: finalizers <[]string>", "before the object may go")]
    public async Task Kubectl_explains_what_the_schemas_say(string field, string first, string second)
    {
        using var kubectl = Kubectl.Require();
        await using var server = await Start();
        var output = (await kubectl.Run("--server=" + server.Urls.Single(), "explain", field)).Succeeded();

        Assert.Contains(first, output, StringComparison.Ordinal);
        Assert.Contains(second, output.ReplaceLineEndings(" ").Replace("  ", " ", StringComparison.Ordinal).Replace("  ", " ", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static async Task<WebApplication> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.Run(async context =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(Content(context.Request.Path));
        });
        await server.StartAsync();
        return server;
    }

    private static ReadOnlyMemory<byte> Content(PathString path) => path.Value switch
    {
        "/version" => """{"major":"1","minor":"32","gitVersion":"v1.32.0"}"""u8.ToArray(),
        "/api" => """{"kind":"APIVersions","versions":[]}"""u8.ToArray(),
        "/apis" => """
            {"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"gateway.networking.k8s.io","versions":[{"groupVersion":"gateway.networking.k8s.io/v1","version":"v1"}],
             "preferredVersion":{"groupVersion":"gateway.networking.k8s.io/v1","version":"v1"}}]}
            """u8.ToArray(),
        "/apis/gateway.networking.k8s.io/v1" => """
            {"kind":"APIResourceList","apiVersion":"v1","groupVersion":"gateway.networking.k8s.io/v1",
             "resources":[{"name":"httproutes","singularName":"httproute","namespaced":true,"kind":"HTTPRoute","verbs":["get","list"]}]}
            """u8.ToArray(),
        "/openapi/v3" => Documents.Index,
        "/openapi/v3/apis/gateway.networking.k8s.io/v1" => Documents.Find("gateway.networking.k8s.io", "v1")!.Value,
        _ => "{}"u8.ToArray(),
    };
}
