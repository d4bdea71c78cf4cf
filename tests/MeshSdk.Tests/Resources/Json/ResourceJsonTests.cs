using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using MeshSdk.Resources;
using MeshSdk.Resources.Json;

namespace MeshSdk.Tests.Resources.Json;

public sealed class ResourceJsonTests
{
    public static TheoryData<string> Kinds() => [.. ResourceKinds.All.Select(kind => kind.TypeInfo.Type.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_property_that_must_not_be_null_is_null_when_the_json_lacks_it(string name)
    {
        var kind = ResourceKinds.All.Single(kind => kind.TypeInfo.Type.Name == name);
        var visited = new HashSet<Type>();
        Visit(kind.TypeInfo);
        Assert.True(visited.Count > 1);

        void Visit(JsonTypeInfo info)
        {
            if (!visited.Add(info.Type))
            {
                return;
            }

            var empty = info.Kind == JsonTypeInfoKind.Object ? JsonSerializer.Deserialize("{}", info)! : null;
            foreach (var property in info.Kind == JsonTypeInfoKind.Object ? info.Properties : [])
            {
                if (property.Set is null || property.Get is null)
                {
                    continue;
                }

                Assert.True(
                    property.IsSetNullable || property.PropertyType.IsValueType || property.Get(empty!) is not null,
                    $"{info.Type.Name}.{property.Name} is null when it is missing");
                Assert.False(
                    property.PropertyType.IsGenericType && property.PropertyType.Name.StartsWith("ImmutableArray", StringComparison.Ordinal),
                    $"{info.Type.Name}.{property.Name} is an uninitialized array when it is missing; make it nullable");
                var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
                var next = info.Options.GetTypeInfo(type);
                Visit(next.Kind == JsonTypeInfoKind.Enumerable ? info.Options.GetTypeInfo(next.ElementType!) : next);
            }
        }
    }

    [Fact]
    public void Cluster_ips_have_the_names_that_kubernetes_gives_them()
    {
        var service = Read<Service>("""{"spec":{"clusterIP":"None","clusterIPs":["None"]}}""");

        Assert.Equal("None", service.Spec.ClusterIP);
        Assert.Equal(["None"], service.Spec.ClusterIPs!.Value);
    }

    [Fact]
    public void An_empty_list_is_not_a_missing_one()
    {
        Assert.Empty(Read<HttpRoute>("""{"spec":{"rules":[]}}""").Spec.Rules!.Value);
        Assert.Null(Read<HttpRoute>("""{"spec":{"rules":null}}""").Spec.Rules);
        Assert.Null(Read<HttpRoute>("""{"spec":{}}""").Spec.Rules);
        Assert.Null(Read<HttpRoute>("{}").Spec.Rules);
    }

    [Theory]
    [InlineData("""{"spec":{"ports":[{"port":"80"}]}}""")]
    [InlineData("""{"spec":{"ports":{}}}""")]
    [InlineData("""{"spec":{"selector":{"a":1}}}""")]
    [InlineData("""{"spec":{"selector":[]}}""")]
    [InlineData("""{"metadata":{"name":null}}""")]
    [InlineData("""{"spec":null}""")]
    [InlineData("null")]
    [InlineData("{")]
    public void Wrong_types_are_refused(string json) => Assert.Throws<JsonException>(() => Read<Service>(json));

    [Fact]
    public void What_the_mesh_does_not_read_is_passed_over()
    {
        var service = Read<Service>("""{"apiVersion":"v1","kind":"Other","key":{"x":1},"status":[1],"metadata":{"name":"a","managedFields":[null]}}""");

        Assert.Equal(new ResourceKey("Service", "default", "a"), service.Key);
    }

    [Theory]
    [InlineData("v1", "")]
    [InlineData("networking.istio.io/v1alpha3", "networking.istio.io")]
    [InlineData("gateway.networking.k8s.io/v1", "gateway.networking.k8s.io")]
    public void The_group_of_an_api_version_ends_at_the_slash(string apiVersion, string group) => Assert.Equal(group, ResourceKinds.GroupOf(apiVersion));

    [Fact]
    public void A_fingerprint_sees_the_fields_that_the_mesh_reads_and_no_others()
    {
        const string Rule = """{"metadata":{"name":"r"},"spec":{"host":"h","trafficPolicy":{"outlierDetection":{"consecutive5xxErrors":5}},"subsets":[{"name":"a"}]}}""";
        var one = ResourceFingerprint.Of(Read<DestinationRule>(Rule));

        Assert.Equal(one, ResourceFingerprint.Of(Read<DestinationRule>(Rule.Replace("\"spec\"", "\"status\": {}, \"spec\"", StringComparison.Ordinal))));
        Assert.NotEqual(one, ResourceFingerprint.Of(Read<DestinationRule>(Rule.Replace(":5", ":6", StringComparison.Ordinal))));
        Assert.NotEqual(one, ResourceFingerprint.Of(Read<DestinationRule>(Rule.Replace("\"a\"", "\"b\"", StringComparison.Ordinal))));
        Assert.NotEqual(one, ResourceFingerprint.Of(Read<DestinationRule>(Rule.Replace("\"r\"", "\"s\"", StringComparison.Ordinal))));
    }

    private static T Read<T>(string json)
        where T : Resource => (T)ResourceKinds.All.Single(kind => kind.TypeInfo.Type == typeof(T)).Read(System.Text.Encoding.UTF8.GetBytes(json));
}
