using MeshSdk.Testing.Api;
using MeshSdk.Testing.Schemas;

namespace MeshSdk.Testing.Tests;

public sealed class ApiExceptionTests
{
    [Fact]
    public void Messages_name_the_kind_as_kubectl_expects_it()
    {
        var type = new ResourceType
        {
            Group = "gateway.networking.k8s.io",
            Version = "v1",
            Kind = "HTTPRoute",
            Plural = "httproutes",
            Singular = "httproute",
            Schema = new SchemaNode(),
        };

        Assert.Equal("httproutes.gateway.networking.k8s.io \"a\" not found", ApiException.NotFound(type, "a").Message);
    }
}
