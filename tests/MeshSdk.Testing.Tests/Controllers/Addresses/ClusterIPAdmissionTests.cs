using System.Text.Json.Nodes;
using CsCheck;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Controllers.Addresses;
using MeshSdk.Testing.Tests.Fixtures;

namespace MeshSdk.Testing.Tests.Controllers.Addresses;

public sealed class ClusterIPAdmissionTests
{
    private readonly FakeClusterApi _api = new();

    public ClusterIPAdmissionTests() => _api.Admissions.Add(new ClusterIPAdmission(_api));

    [Theory]
    [InlineData("{}", "10.96.1.0 | 10.96.1.0 | IPv4 | SingleStack")]
    [InlineData("""{ "type": "NodePort" }""", "10.96.1.0 | 10.96.1.0 | IPv4 | SingleStack")]
    [InlineData("""{ "ipFamilies": ["IPv6"] }""", "fd00:10:96::100 | fd00:10:96::100 | IPv6 | SingleStack")]
    [InlineData("""{ "ipFamilyPolicy": "PreferDualStack" }""", "10.96.1.0 | 10.96.1.0,fd00:10:96::100 | IPv4,IPv6 | PreferDualStack")]
    [InlineData("""{ "ipFamilies": ["IPv6", "IPv4"] }""", "fd00:10:96::100 | fd00:10:96::100,10.96.1.0 | IPv6,IPv4 | RequireDualStack")]
    [InlineData("""{ "clusterIP": "10.96.0.10" }""", "10.96.0.10 | 10.96.0.10 | IPv4 | SingleStack")]
    [InlineData("""{ "clusterIP": "fd00:10:96::7" }""", "fd00:10:96::7 | fd00:10:96::7 | IPv6 | SingleStack")]
    [InlineData("""{ "clusterIP": "None", "selector": { "a": "b" } }""", "None | None | IPv4 | SingleStack")]
    [InlineData("""{ "clusterIP": "None" }""", "None | None | IPv4,IPv6 | RequireDualStack")]
    [InlineData("""{ "type": "ExternalName", "externalName": "example.com" }""", " |  |  | ")]
    public void New_services_get_what_they_ask_for_or_the_next_address(string spec, string expected) => Assert.Equal(expected, Put("a", spec));

    [Fact]
    public void A_replacement_without_an_address_keeps_it()
    {
        Put("a", """{ "ipFamilyPolicy": "RequireDualStack" }""");

        Assert.Equal("10.96.1.0 | 10.96.1.0,fd00:10:96::100 | IPv4,IPv6 | RequireDualStack", Put("a", """{ "ports": [] }"""));
        Assert.Equal("10.96.1.0 | 10.96.1.0,fd00:10:96::100 | IPv4,IPv6 | RequireDualStack", Put("a", """{ "clusterIP": "10.96.1.0" }"""));
    }

    [Fact]
    public void A_second_family_can_be_added_and_given_up()
    {
        Put("a", "{}");

        Assert.Equal("10.96.1.0 | 10.96.1.0,fd00:10:96::100 | IPv4,IPv6 | RequireDualStack", Put("a", """{ "ipFamilyPolicy": "RequireDualStack" }"""));
        Assert.Equal("10.96.1.0 | 10.96.1.0 | IPv4 | SingleStack", Put("a", """{ "ipFamilyPolicy": "SingleStack" }"""));
    }

    [Fact]
    public void A_service_that_becomes_an_external_name_gives_its_address_back()
    {
        Put("a", "{}");

        Assert.Equal(" |  |  | ", Put("a", """{ "type": "ExternalName", "externalName": "example.com", "clusterIP": "10.96.1.0" }"""));
        Assert.Equal("10.96.1.0 | 10.96.1.0 | IPv4 | SingleStack", Put("b", """{ "clusterIP": "10.96.1.0" }"""));
        Assert.Equal("10.96.1.1 | 10.96.1.1 | IPv4 | SingleStack", Put("a", "{}"));
    }

    [Theory]
    [InlineData("""{ "clusterIP": "10.96.1.0" }""",
        "Service \"b\" is invalid: spec.clusterIPs: Invalid value: [\"10.96.1.0\"]: failed to allocate IP 10.96.1.0: provided IP is already allocated")]
    [InlineData("""{ "clusterIP": "10.97.0.1" }""",
        "Service \"b\" is invalid: spec.clusterIPs: Invalid value: [\"10.97.0.1\"]: failed to allocate IP 10.97.0.1: "
        + "the provided IP (10.97.0.1) is not in the valid range. The range of valid IPs is 10.96.0.0/16")]
    [InlineData("""{ "clusterIP": "x" }""",
        "Service \"b\" is invalid: spec.clusterIPs[0]: Invalid value: \"x\": must be empty, 'None', or a valid IP address")]
    [InlineData("""{ "clusterIP": "10.96.0.9", "ipFamilies": ["IPv6"] }""",
        "Service \"b\" is invalid: spec.clusterIPs[0]: Invalid value: \"10.96.0.9\": expected an IPv6 value as indicated by `ipFamilies[0]`")]
    [InlineData("""{ "ipFamilies": ["IPv4", "IPv6"], "ipFamilyPolicy": "SingleStack" }""",
        "Service \"b\" is invalid: spec.ipFamilyPolicy: Invalid value: \"SingleStack\": "
        + "must be RequireDualStack or PreferDualStack when multiple ipFamilies are specified")]
    [InlineData("""{ "type": "ExternalName", "clusterIP": "10.96.0.9" }""",
        "Service \"b\" is invalid: spec.clusterIPs: Forbidden: may not be set for services with type \"ExternalName\"")]
    public void Addresses_that_cannot_be_had_are_refused(string spec, string message)
    {
        Put("a", "{}");

        var refusal = Assert.Throws<ApiException>(() => Put("b", spec));

        Assert.Equal(message, refusal.Message);
        Assert.Equal((422, "Invalid"), (refusal.Code, refusal.Reason));
        Assert.Equal("Service", refusal.Details.TextAt("kind"));
        var cause = Assert.Single(refusal.Details.ObjectsAt("causes"));
        Assert.Equal(message, $"Service \"b\" is invalid: {cause.TextAt("field")}: {cause.TextAt("message")}");
    }

    [Fact]
    public void An_address_does_not_change()
    {
        Put("a", "{}");

        var refusal = Assert.Throws<ApiException>(() => Put("a", """{ "clusterIP": "None" }"""));

        Assert.Equal("Service \"a\" is invalid: spec.clusterIPs[0]: Invalid value: [\"None\"]: may not change once set", refusal.Message);
    }

    [Fact]
    public void A_deletion_frees_the_address_at_once_but_it_is_not_the_next_to_be_given_out()
    {
        Put("a", "{}");
        _api.Delete("", "services", "shop", "a");

        Assert.StartsWith("10.96.1.1 ", Put("b", "{}"), StringComparison.Ordinal);
        Assert.StartsWith("10.96.1.0 ", Put("c", """{ "clusterIP": "10.96.1.0" }"""), StringComparison.Ordinal);
    }

    [Fact]
    public void A_write_that_was_not_stored_keeps_no_address()
    {
        new ClusterIPAdmission(_api).Admit(
            FakeClusterApi.Type("", "services"), null, Manifest.Service("shop", "dry", """{ "clusterIP": "10.96.0.9" }"""));

        Assert.StartsWith("10.96.0.9 ", Put("real", """{ "clusterIP": "10.96.0.9" }"""), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_kinds_are_left_alone()
    {
        var pod = _api.Put("", "pods", Manifest.Of("Pod", "shop", "p", """{ "spec": {} }"""));

        Assert.Empty(pod["spec"]!.AsObject());
    }

    [Fact]
    public void No_two_services_ever_have_one_address() => Gen.Select(Gen.Int[0, 12], Gen.Int[0, 3], Gen.Int[250, 265]).Array[1, 60].Sample(steps =>
    {
        var api = new FakeClusterApi();
        api.Admissions.Add(new ClusterIPAdmission(api));
        foreach (var (number, action, offset) in steps)
        {
            var name = $"s{number}";
            try
            {
                _ = action switch
                {
                    0 => api.Delete("", "services", "shop", name),
                    1 => Put($$"""{ "clusterIP": "10.96.{{offset / 256}}.{{offset % 256}}" }"""),
                    2 => Put("""{ "ipFamilyPolicy": "PreferDualStack" }"""),
                    _ => Put("{}"),
                };
            }
            catch (ApiException e) when (e.Code == 422)
            {
                // Taken, or it has another one.
            }

            var held = api.List("", "services").SelectMany(service => service.TextsAt("spec", "clusterIPs")).ToArray();
            Assert.Equal(held.Length, held.Distinct().Count());
            Assert.All(api.List("", "services"), service =>
                Assert.Equal(service.TextsAt("spec", "ipFamilies").Length, service.TextsAt("spec", "clusterIPs").Length));

            bool Put(string spec) => api.Put("", "services", Manifest.Service("shop", name, spec)) is not null;
        }
    });

    [Fact]
    public void A_range_is_used_up_to_its_last_address_then_refused()
    {
        var addresses = new ClusterAddresses(new AllInUse());
        var drawn = new HashSet<string>();
        while (addresses.Draw(AddressRange.V4, "shop", $"s{drawn.Count}") is { } address)
        {
            Assert.True(drawn.Add(address.ToString()));
        }

        Assert.Equal(65534, drawn.Count);
        Assert.DoesNotContain("10.96.0.0", drawn);
        Assert.DoesNotContain("10.96.255.255", drawn);
    }

    private string Put(string name, string spec)
    {
        var stored = _api.Put("", "services", Manifest.Service("shop", name, spec))["spec"];
        return $"{stored.TextAt("clusterIP")} | {string.Join(',', stored.TextsAt("clusterIPs"))} | "
            + $"{string.Join(',', stored.TextsAt("ipFamilies"))} | {stored.TextAt("ipFamilyPolicy")}";
    }

    /// <summary>Each Service has the address that it was given first: the one of its number.</summary>
    private sealed class AllInUse : IClusterApi
    {
        public JsonObject? Get(string group, string plural, string? ns, string name)
        {
            var offset = int.Parse(name.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture) + AddressRange.FirstDrawn;
            var address = offset < AddressRange.Size - 1 ? offset : offset - AddressRange.Size + 2;
            return Manifest.Service("shop", name, $$"""{ "clusterIPs": ["{{AddressRange.V4.At(address)}}"] }""");
        }

        public IReadOnlyList<JsonObject> List(string group, string plural, string? ns = null) => [];

        public JsonObject Put(string group, string plural, JsonObject content) => content;

        public JsonObject? Update(string group, string plural, string? ns, string name, string uid, Action<JsonObject> change) => null;

        public bool Delete(string group, string plural, string? ns, string name) => false;

        public System.Threading.Channels.ChannelReader<ApiChange> Watch(string group, string plural, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
