using MeshSdk.Model;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation;

public sealed class EndpointTests
{
    [Fact]
    public void Slices_are_merged_and_ordered_by_address()
    {
        var endpoints = Endpoints(
            Given.Slice("s2", "a", 5678, Given.Endpoint("10.0.0.10"), Given.Endpoint("10.0.0.9")),
            Given.Slice("s1", "a", 5678, Given.Endpoint("10.0.0.11")));
        Assert.Equal(["10.0.0.9:5678", "10.0.0.10:5678", "10.0.0.11:5678"], endpoints.Select(endpoint => endpoint.HostPort));
    }

    [Fact]
    public void Order_does_not_depend_on_slices()
    {
        var one = Endpoints(Given.Slice("s1", "a", 1, Given.Endpoint("10.0.0.2")), Given.Slice("s2", "a", 1, Given.Endpoint("10.0.0.1")));
        var other = Endpoints(Given.Slice("s1", "a", 1, Given.Endpoint("10.0.0.1")), Given.Slice("s2", "a", 1, Given.Endpoint("10.0.0.2")));
        Assert.Equal(one.Select(e => e.HostPort), other.Select(e => e.HostPort));
    }

    [Theory]
    [InlineData(null, null, null, nameof(EndpointHealth.Ready))]
    [InlineData(true, null, null, nameof(EndpointHealth.Ready))]
    [InlineData(true, true, true, nameof(EndpointHealth.Ready))]
    [InlineData(true, false, true, nameof(EndpointHealth.Ready))]
    [InlineData(false, true, true, nameof(EndpointHealth.Terminating))]
    [InlineData(false, true, false, nameof(EndpointHealth.Unready))]
    [InlineData(false, true, null, nameof(EndpointHealth.Unready))]
    [InlineData(false, false, true, nameof(EndpointHealth.Unready))]
    [InlineData(false, null, true, nameof(EndpointHealth.Unready))]
    [InlineData(null, null, true, nameof(EndpointHealth.Ready))]
    public void Health_follows_the_conditions(bool? ready, bool? serving, bool? terminating, string expected) =>
        Assert.Equal(
            expected,
            Assert.Single(Endpoints(Given.Slice("s", "a", 1, Given.Endpoint("10.0.0.1", ready, serving, terminating)))).Health.ToString());

    [Fact]
    public void Missing_conditions_mean_ready() =>
        Assert.Equal(
            EndpointHealth.Ready,
            Assert.Single(Endpoints(Given.Slice("s", "a", 1, new SliceEndpoint { Addresses = ["10.0.0.1"] }))).Health);

    [Fact]
    public void Of_two_sightings_the_ready_one_counts()
    {
        var endpoint = Assert.Single(Endpoints(
            Given.Slice("s1", "a", 1, Given.Endpoint("10.0.0.1", ready: false)),
            Given.Slice("s2", "a", 1, Given.Endpoint("10.0.0.1", ready: true))));
        Assert.Equal(EndpointHealth.Ready, endpoint.Health);
    }

    [Theory]
    [InlineData("9", "10", nameof(EndpointHealth.Unready))]
    [InlineData("10", "9", nameof(EndpointHealth.Ready))]
    public void Of_two_sightings_with_versions_the_newer_counts(string ofReady, string ofUnready, string expected)
    {
        var ready = Given.Slice("s1", "a", 1, Given.Endpoint("10.0.0.1", ready: true));
        var unready = Given.Slice("s2", "a", 1, Given.Endpoint("10.0.0.1", ready: false));
        var endpoint = Assert.Single(Endpoints(
            ready with { Metadata = ready.Metadata with { ResourceVersion = ofReady } },
            unready with { Metadata = unready.Metadata with { ResourceVersion = ofUnready } }));
        Assert.Equal(expected, endpoint.Health.ToString());
    }

    [Fact]
    public void Same_address_on_two_ports_is_two_endpoints() =>
        Assert.Equal(
            ["10.0.0.1:1", "10.0.0.1:2"],
            Endpoints(Given.Slice("s1", "a", 2, Given.Endpoint("10.0.0.1")), Given.Slice("s2", "a", 1, Given.Endpoint("10.0.0.1")))
                .Select(e => e.HostPort));

    [Fact]
    public void Port_is_found_by_name_slice_by_slice()
    {
        var snapshot = Given.Snapshot(
            Given.Service("a", "http:80", "admin:81"),
            Given.Slice("s1", "a", [Named("http", 8080), Named("admin", 9000)], Given.Endpoint("10.0.0.1")),
            Given.Slice("s2", "a", [Named("http", 8081), Named("other", 1)], Given.Endpoint("10.0.0.2")));
        Assert.Equal(["10.0.0.1:8080", "10.0.0.2:8081"], snapshot.Cluster("a", 80).Endpoints.Select(e => e.HostPort));
        Assert.Equal(["10.0.0.1:9000"], snapshot.Cluster("a", 81).Endpoints.Select(e => e.HostPort));
    }

    [Theory]
    [InlineData(null, "10.0.0.1:80")]
    [InlineData("5678", "10.0.0.1:5678")]
    [InlineData("web", "10.0.0.1:80")]
    public void Null_port_means_every_port(string? target, string expected)
    {
        var service = Given.Service("a");
        service = service with
        {
            Spec = service.Spec with { Ports = [new ServicePort { Name = "http", Port = 80, TargetPort = target is null ? null : new IntOrString(target) }] },
        };
        var snapshot = Given.Snapshot(service, Given.Slice("s", "a", port: null, Given.Endpoint("10.0.0.1")));
        Assert.Equal([expected], snapshot.Cluster("a").Endpoints.Select(e => e.HostPort));
    }

    [Fact]
    public void Target_port_of_the_service_is_never_used_otherwise()
    {
        var service = Given.Service("a");
        service = service with { Spec = service.Spec with { Ports = [new ServicePort { Port = 80, TargetPort = new IntOrString("5678") }] } };
        var snapshot = Given.Snapshot(service, Given.Slice("s", "a", 7000, Given.Endpoint("10.0.0.1")));
        Assert.Equal(7000, snapshot.Cluster("a").Endpoints[0].Port);
    }

    [Fact]
    public void Slice_ports_of_other_protocols_contribute_nothing() =>
        Assert.Empty(Endpoints(Given.Slice("s", "a", [new SlicePort { Port = 80, Protocol = "UDP" }], Given.Endpoint("10.0.0.1"))));

    [Fact]
    public void Slice_of_another_namespace_is_not_the_services() =>
        Assert.Empty(Endpoints(Given.Slice("other/s", "a", 80, Given.Endpoint("10.0.0.1"))));

    [Fact]
    public void Names_instead_of_addresses_are_skipped_with_a_warning()
    {
        var model = Model(Given.Slice("s", "a", 80, Given.Endpoint("example.com")) with { AddressType = "FQDN" });
        Assert.Empty(model.Clusters[0].Endpoints);
        Assert.Equal(["Warning UnsupportedValue addressType"], model.Diagnostics.Codes());
    }

    [Theory]
    [InlineData("10.0.0")]
    [InlineData("10.0.0.256")]
    [InlineData("10.0.0.01")]
    [InlineData("[fd00::1]")]
    [InlineData("")]
    public void Invalid_address_is_reported_once_and_spares_the_others(string address)
    {
        var snapshot = Given.Snapshot(
            Given.Service("a", ":80", ":81"),
            Given.Slice("s", "a", 5678, Given.Endpoint("10.0.0.1"), Given.Endpoint(address)));
        Assert.Single(snapshot.Cluster("a").Endpoints);
        Assert.Single(snapshot.Service("a").Diagnostics, d => d is { Code: "InvalidAddress", Path: "endpoints[1].addresses[0]" });
    }

    [Fact]
    public void First_address_of_an_endpoint_counts_in_canonical_form() =>
        Assert.Equal(
            ["[fd00::1]:80"],
            Endpoints(Given.Slice("s", "a", 80, new SliceEndpoint { Addresses = ["FD00:0::0:1", "fd00::2"] })).Select(e => e.HostPort));

    [Fact]
    public void Loopback_is_accepted() =>
        Assert.Equal("127.0.0.2:80", Assert.Single(Endpoints(Given.Slice("s", "a", 80, Given.Endpoint("127.0.0.2")))).HostPort);

    [Fact]
    public void Zone_becomes_the_locality()
    {
        var endpoints = Endpoints(Given.Slice("s", "a", 80, Given.Endpoint("10.0.0.1") with { Zone = "z1" }, Given.Endpoint("10.0.0.2")));
        Assert.Equal([new Locality("", "z1", ""), Locality.Unknown], endpoints.Select(e => e.Locality));
    }

    [Theory]
    [InlineData("IPv4", "10.0.0.1:80")]
    [InlineData("IPv6", "[fd00::1]:80")]
    public void Pod_of_both_families_is_one_endpoint_of_the_preferred(string family, string expected)
    {
        var service = Given.Service("a");
        service = service with { Spec = service.Spec with { IpFamilies = [family] } };
        var snapshot = Given.Snapshot([service, .. DualStack()]);
        Assert.Equal([expected, "[fd00::9]:80"], snapshot.Cluster("a").Endpoints.Select(e => e.HostPort).Order());
    }

    [Fact]
    public void Preferred_family_is_that_of_the_first_cluster_address()
    {
        var service = Given.Service("a");
        service = service with { Spec = service.Spec with { ClusterIPs = ["fd00::100", "10.96.0.1"] } };
        Assert.Equal("[fd00::1]:80", Given.Snapshot([service, .. DualStack()]).Cluster("a").Endpoints[0].HostPort);
    }

    [Fact]
    public void Healthier_family_of_a_pod_is_kept()
    {
        var endpoints = Endpoints(
            Given.Slice("v4", "a", 80, Given.Endpoint("10.0.0.1", ready: false, uid: "p1")),
            Given.Slice("v6", "a", 80, Given.Endpoint("fd00::1", ready: true, uid: "p1")));
        Assert.Equal("[fd00::1]:80", Assert.Single(endpoints).HostPort);
    }

    private static EndpointSlice[] DualStack() =>
    [
        Given.Slice("v4", "a", 80, Given.Endpoint("10.0.0.1", uid: "p1")),
        Given.Slice("v6", "a", 80, Given.Endpoint("fd00::1", uid: "p1"), Given.Endpoint("fd00::9", uid: "p9")) with { AddressType = "IPv6" },
    ];

    private static SlicePort Named(string name, int port) => new() { Name = name, Port = port, Protocol = "TCP" };

    private static System.Collections.Immutable.ImmutableArray<EndpointModel> Endpoints(params EndpointSlice[] slices) => Model(slices).Clusters[0].Endpoints;

    private static ServiceModel Model(params EndpointSlice[] slices) => Given.Snapshot([Given.Service("a"), .. slices]).Service("a");
}
