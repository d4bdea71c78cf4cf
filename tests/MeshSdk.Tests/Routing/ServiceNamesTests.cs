using MeshSdk.Model;
using MeshSdk.Routing;

namespace MeshSdk.Tests.Routing;

public sealed class ServiceNamesTests
{
    private static readonly ServiceNames Names =
        new(new CallerContext { Namespace = "Shop", ClusterDomain = "Example.Local" }, static ns => ns == "billing");

    [Theory]
    [InlineData("backend", true, "shop/backend")]
    [InlineData("backend.shop", true, "shop/backend")]
    [InlineData("backend.billing", true, "billing/backend")]
    [InlineData("backend.other", false, "other/backend")]
    [InlineData("github.com", false, "com/github")]
    [InlineData("backend.other.svc", true, "other/backend")]
    [InlineData("backend.other.svc.example.local", true, "other/backend")]
    [InlineData("backend.other.svc.cluster.local", false, null)]
    [InlineData("pod-0.db.shop.svc.example.local", true, null)]
    [InlineData("backend.svc", true, null)]
    [InlineData("api.backend.billing", false, null)]
    [InlineData("www.example.com", false, null)]
    [InlineData("notasvc", true, "shop/notasvc")]
    [InlineData(".svc", true, null)]
    [InlineData("a..svc", true, null)]
    [InlineData("", false, null)]
    public void A_host_is_a_name_of_the_cluster_by_its_form(string host, bool isOfCluster, string? service)
    {
        Assert.Equal(isOfCluster, Names.IsOfCluster(host));
        Assert.Equal(service, Names.ServiceOf(host)?.ToString());
    }

    [Fact]
    public void Localhost_is_this_machine() => Assert.False(Names.IsOfCluster("localhost"));
}
