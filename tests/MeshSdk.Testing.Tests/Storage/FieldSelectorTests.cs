using System.Text.Json.Nodes;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Storage;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Storage;

public sealed class FieldSelectorTests
{
    private static readonly PlainSemantics Semantics = new();

    [Theory]
    [InlineData("Pod", "", true)]
    [InlineData("Pod", "metadata.name=a,b", false, true)]
    [InlineData("Pod", "metadata.name=a", true)]
    [InlineData("Pod", "metadata.name==a", true)]
    [InlineData("Pod", "metadata.name!=a", false)]
    [InlineData("Pod", "metadata.namespace=default", true)]
    [InlineData("Pod", "status.phase=Running,spec.nodeName=n\\=1", true)]
    [InlineData("Pod", "status.phase!=Running", false)]
    [InlineData("Pod", "status.podIP=10.0.0.1", true)]
    [InlineData("Pod", "status.podIPs=10.0.0.1,metadata.name=a", true)]
    [InlineData("Pod", "spec.hostNetwork=false", true)]
    [InlineData("Pod", "spec.clusterIP=1", false, true)]
    [InlineData("ConfigMap", "status.phase=Running", false, true)]
    [InlineData("ConfigMap", "metadata.name=x\\y", false, true)]
    [InlineData("ConfigMap", "metadata.name", false, true)]
    public void A_selector_matches_as_in_kubernetes(string kind, string selector, bool matches, bool isRefused = false)
    {
        var type = Semantics.Types.First(type => type.Kind == kind);
        var stored = StoredObject.Encode(type, JsonNode.Parse("""
            {"metadata":{"name":"a","namespace":"default"},"spec":{"nodeName":"n=1"},"status":{"phase":"Running","podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"}]}}
            """)!.AsObject(), 1);

        if (isRefused)
        {
            Assert.Equal(400, Assert.Throws<ApiException>(() => FieldSelector.Parse(type, selector)).Code);
        }
        else
        {
            Assert.Equal(matches, FieldSelector.Parse(type, selector).Matches(stored));
        }
    }

    [Fact]
    public void A_single_name_is_told_apart() =>
        Assert.Equal("a", FieldSelector.Parse(Semantics.Types[0], "metadata.name=a").SingleName);
}
