using MeshSdk.Model;
using MeshSdk.Tool.Configuration;

namespace MeshSdk.Tool.Tests.Configuration;

public sealed class ServiceNameTests
{
    private static readonly CallerContext Caller = new() { Namespace = "shop", ClusterDomain = "cluster.example" };

    [Theory]
    [InlineData("web", "shop/web", true)]
    [InlineData("Web.", "shop/web", true)]
    [InlineData("web.other", "other/web", false)]
    [InlineData("github.com", "com/github", false)]
    [InlineData("web.other.svc", "other/web", true)]
    [InlineData("web.other.svc.Cluster.Example", "other/web", true)]
    public void A_name_is_read_from_the_callers_viewpoint(string host, string service, bool certain)
    {
        var name = ServiceName.Of(host, Caller);

        Assert.Equal((service, certain), ($"{name?.Id}", name?.IsCertain));
    }

    [Theory]
    [InlineData("")]
    [InlineData("localhost")]
    [InlineData("10.0.0.1")]
    [InlineData("[fd00::1]")]
    [InlineData("fd00::1")]
    [InlineData("www.example.com")]
    [InlineData("web.other.svc.cluster.local")]
    [InlineData("web.other.pod")]
    [InlineData("a_b")]
    [InlineData("-a")]
    [InlineData("a..b")]
    public void What_no_service_can_be_called_is_none(string host) => Assert.Null(ServiceName.Of(host, Caller));
}
