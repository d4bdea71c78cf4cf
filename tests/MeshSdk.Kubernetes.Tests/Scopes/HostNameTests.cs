using MeshSdk.Kubernetes.Scopes;

namespace MeshSdk.Kubernetes.Tests.Scopes;

public sealed class HostNameTests
{
    [Theory]
    [InlineData("backend", "Name", "backend", "")]
    [InlineData("backend.shop", "NameAndNamespace", "backend", "shop")]
    [InlineData("backend.shop.svc", "Complete", "backend", "shop")]
    [InlineData("backend.shop.svc.cluster.local", "Complete", "backend", "shop")]
    [InlineData("BACKEND.Shop.SVC.Cluster.Local", "Complete", "BACKEND", "Shop")]
    [InlineData("github.com", "NameAndNamespace", "github", "com")]
    [InlineData("localhost", "None", "", "")]
    [InlineData("api.github.com", "None", "", "")]
    [InlineData("pod.backend.shop.svc.cluster.local", "None", "", "")]
    [InlineData("backend.shop.svc.cluster.localx", "None", "", "")]
    [InlineData("backend.shop.svcx", "None", "", "")]
    [InlineData("backend.shop.svc.", "None", "", "")]
    [InlineData("backend.shop.pod.cluster.local", "None", "", "")]
    [InlineData("10.0.0.1", "None", "", "")]
    [InlineData("::1", "None", "", "")]
    [InlineData("fe80::1", "None", "", "")]
    [InlineData("", "None", "", "")]
    [InlineData(".shop", "None", "", "")]
    [InlineData("backend.", "None", "", "")]
    [InlineData("back_end", "None", "", "")]
    [InlineData("-backend", "None", "", "")]
    [InlineData("backend-.shop", "None", "", "")]
    [InlineData("münchen", "None", "", "")]
    [InlineData("a23456789012345678901234567890123456789012345678901234567890123", "Name", "a23456789012345678901234567890123456789012345678901234567890123", "")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234", "None", "", "")]
    public void A_host_is_taken_apart_as_the_cluster_names_its_services(string host, string form, string name, string ns)
    {
        var parsed = HostName.Parse(host, "cluster.local");
        Assert.Equal(form, parsed.Form.ToString());
        Assert.Equal(name, parsed.Name.ToString());
        Assert.Equal(ns, parsed.Namespace.ToString());
    }

    [Fact]
    public void The_domain_of_the_cluster_may_be_another_one()
    {
        Assert.Equal(HostNameForm.Complete, HostName.Parse("backend.shop.svc.k8s.example.com", "k8s.example.com").Form);
        Assert.Equal(HostNameForm.None, HostName.Parse("backend.shop.svc.cluster.local", "k8s.example.com").Form);
    }
}
