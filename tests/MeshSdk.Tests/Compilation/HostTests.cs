using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation;

public sealed class HostTests
{
    [Fact]
    public void Every_form_of_the_name_counts_in_the_callers_namespace() =>
        Assert.Equal(
            ["a", "a.ns", "a.ns.svc", "a.ns.svc.cluster.local"],
            Given.Snapshot(Given.Service("a")).Service("a").Hosts);

    [Fact]
    public void Short_name_is_for_the_callers_namespace_alone() =>
        Assert.Equal(
            ["a.ns", "a.ns.svc", "a.ns.svc.cluster.local"],
            Given.SnapshotFor("other", Given.Service("a")).Service("a").Hosts);

    [Fact]
    public void Cluster_domain_is_part_of_the_full_name()
    {
        var store = new ResourceStore("corp.example");
        store.Apply([Given.Service("a")], []);
        var compiler = new MeshCompiler(new CallerContext { Namespace = "x", ClusterDomain = "corp.example" }, CompilerOptions.Default);
        var service = compiler.Compile(store).Service("a");
        Assert.Contains("a.ns.svc.corp.example", service.Hosts);
        Assert.Equal("a.ns.svc.corp.example", service.Clusters[0].Host);
    }

    [Theory]
    [InlineData("10.96.0.1", "10.96.0.1")]
    [InlineData("2001:DB8:0:0::1", "2001:db8::1")]
    public void Cluster_addresses_are_canonical(string written, string expected) =>
        Assert.Equal(expected, Given.Snapshot(WithAddresses(written)).Service("a").Hosts[^1]);

    [Fact]
    public void Both_families_of_a_dual_stack_service_count() =>
        Assert.Equal(["10.96.0.1", "fd00::1"], Given.Snapshot(WithAddresses("10.96.0.1", "fd00::1")).Service("a").Hosts[^2..]);

    [Fact]
    public void Single_address_counts_where_there_is_no_list()
    {
        var service = Given.Service("a");
        service = service with { Spec = service.Spec with { ClusterIP = "10.96.0.9" } };
        Assert.Equal("10.96.0.9", Given.Snapshot(service).Service("a").Hosts[^1]);
    }

    [Fact]
    public void Headless_service_has_names_only()
    {
        var model = Given.Snapshot(WithAddresses("None")).Service("a");
        Assert.Equal(4, model.Hosts.Length);
        Assert.Empty(model.Diagnostics);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("10.1")]
    [InlineData("010.0.0.1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]")]
    public void Address_that_is_none_is_reported(string written)
    {
        var model = Given.Snapshot(WithAddresses(written)).Service("a");
        Assert.Equal(4, model.Hosts.Length);
        Assert.Equal(["Error InvalidAddress spec.clusterIPs[0]"], model.Diagnostics.Codes());
    }

    [Fact]
    public void Address_of_several_services_is_the_oldest_ones_while_it_is_there()
    {
        var address = WithAddresses("fd00::1");
        Service[] services = [address.CreatedAt(3), Named("b", address).CreatedAt(2), Named("c", address).CreatedAt(1)];
        var store = Given.Store(services);
        var compiler = Given.Compiler();
        var snapshot = compiler.Compile(store);
        Assert.Equal("ns/c", Owners(snapshot));
        Assert.Equal(["Warning DuplicateAddress spec.clusterIPs[0]"], snapshot.Service("a").Diagnostics.Codes());
        Assert.Contains("Service ns/c", snapshot.Service("a").Diagnostics[0].Message, StringComparison.Ordinal);

        snapshot = compiler.Recompile(snapshot, store, store.Apply([], [services[2].Key]));
        Assert.Equal("ns/b", Owners(snapshot));

        snapshot = compiler.Recompile(snapshot, store, store.Apply([services[1] with { Spec = new() }], []));
        Assert.Equal("ns/a", Owners(snapshot));
        Assert.Empty(snapshot.Service("a").Diagnostics);
    }

    [Fact]
    public void Of_equally_old_services_the_first_by_name_has_the_address()
    {
        var address = WithAddresses("10.96.0.1");
        Assert.Equal("ns/a", Owners(Given.Snapshot(Named("b", address), address), "10.96.0.1"));
    }

    private static Service Named(string name, Service service) => service with { Metadata = Given.Service(name).Metadata };

    private static string Owners(MeshSnapshot snapshot, string address = "fd00::1") =>
        string.Join(' ', snapshot.Services.Values.Where(service => service.Hosts.Contains(address)).Select(static service => service.Id));

    [Fact]
    public void ExternalName_service_is_no_part_of_the_mesh()
    {
        var service = Given.Service("a");
        Assert.Empty(Given.Snapshot(service with { Spec = service.Spec with { Type = "ExternalName" } }).Services);
    }

    private static Service WithAddresses(params string[] addresses)
    {
        var service = Given.Service("a");
        return service with { Spec = service.Spec with { ClusterIP = addresses[0], ClusterIPs = [.. addresses] } };
    }
}
