using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CsCheck;
using MeshSdk.Testing.Api;
using MeshSdk.Testing.Controllers.EndpointSlices;

namespace MeshSdk.Testing.Tests.Controllers.EndpointSlices;

/// <summary>Laws of the plan that hold whatever happens to pods and Services, through several rounds on what the rounds before have left.</summary>
public sealed class SliceReconciliationProperties
{
    private const int Limit = 4;

    private static readonly Dictionary<string, string> Zones = new() { ["n0"] = "a", ["n1"] = "b" };

    private static readonly ImmutableArray<string>[] FamilySets = [["IPv4"], ["IPv6"], ["IPv4", "IPv6"]];
    private static readonly string[] Distributions = ["", "PreferSameZone", "PreferClose", "PreferSameNode"];

    private static readonly Gen<PodView> GenPod =
        from number in Gen.Int[0, 30]
        from generation in Gen.Int[0, 1]
        from family in Gen.Int[0, 3]
        from port in Gen.Int[0, 2]
        from node in Gen.Int[0, 2]
        from flags in Gen.Select(Gen.Bool, Gen.Bool, Gen.Int[0, 9])
        select new PodView
        {
            Namespace = "shop",
            Name = $"pod-{number}",
            Uid = $"uid-{number}-{generation}",
            Addresses = family switch
            {
                0 => [],
                1 => [$"fd00::{number + 1:x}"],
                2 => [$"10.0.0.{number}", $"fd00::{number + 1:x}"],
                _ => [$"10.0.0.{number}"],
            },
            Ports = port == 0 ? [] : [new("http", "TCP", 8000 + port)],
            NodeName = node == 2 ? null : $"n{node}",
            IsReady = flags.Item1,
            IsTerminating = flags.Item2,
            IsFinished = flags.Item3 == 0,
        };

    private static readonly Gen<ServiceView> GenService =
        from families in Gen.Int[0, 2].Select(i => FamilySets[i])
        from publish in Gen.Bool
        from distribution in Gen.Int[0, 3].Select(i => Distributions[i])
        from headless in Gen.Bool
        select new ServiceView
        {
            Namespace = "shop",
            Name = "backend",
            Uid = "service-uid",
            Selector = ImmutableSortedDictionary<string, string>.Empty.Add("app", "backend"),
            Ports = [new("web", "TCP", null, null, "http"), new("metrics", "TCP", null, 9090, null)],
            Families = families,
            PublishNotReadyAddresses = publish,
            TrafficDistribution = distribution,
            IsHeadless = headless,
        };

    private static readonly Gen<(ServiceView Service, PodView[] Pods)[]> GenRounds =
        Gen.Select(GenService, GenPod.Array[0, 40], (service, pods) => (service, pods.DistinctBy(pod => pod.Name).ToArray())).Array[1, 5];

    [Fact]
    public void Slices_hold_exactly_the_pods_once_each_and_within_the_limit() => Rounds((service, pods, _, after, _) =>
    {
        var held = after
            .SelectMany(slice => slice.Endpoints.Select(endpoint => (slice.Family, Ports: slice.Ports.ToString(), Endpoint: endpoint))).ToArray();
        Assert.Equal(held.Length, held.DistinctBy(entry => (entry.Family, entry.Endpoint.Identity)).Count());
        Assert.Equal(Expected(service, pods).Order(), held.Select(entry => Line(entry.Family, entry.Ports, entry.Endpoint)).Order());
        Assert.All(after, slice => Assert.InRange(slice.Endpoints.Length, 0, Limit));
        Assert.All(service.Families, family => Assert.Contains(after, slice => slice.Family == family));
        Assert.All(after.GroupBy(slice => slice.Family), slices => Assert.True(slices.Count() == 1 || slices.All(slice => slice.Endpoints.Length > 0)));
    });

    [Fact]
    public void A_second_run_writes_nothing() => Rounds((service, pods, _, after, _) =>
        Assert.Equal(0, SliceReconciliation.Plan(service, pods, Zones, after, Limit).Count));

    [Fact]
    public void An_endpoint_that_keeps_its_ports_keeps_its_slice() => Rounds((_, _, before, after, _) =>
    {
        var places = after.SelectMany(slice => slice.Endpoints.Select(endpoint => (Key: (slice.Family, slice.Ports, endpoint.Identity), slice.Name)))
            .ToDictionary(entry => entry.Key, entry => entry.Name);
        foreach (var slice in before)
        {
            foreach (var endpoint in slice.Endpoints)
            {
                if (places.TryGetValue((slice.Family, slice.Ports, endpoint.Identity), out var place))
                {
                    Assert.Equal(slice.Name, place);
                }
            }
        }
    });

    [Fact]
    public void Slices_without_a_change_are_not_written_and_new_ones_are_as_few_as_the_new_endpoints_need() => Rounds((_, _, before, after, writes) =>
    {
        var old = before.ToDictionary(slice => slice.Name);
        var written = writes.Puts.Select(content => content.Name()).ToArray();
        Assert.Equal(written.Length, written.Distinct().Count());
        Assert.All(after.Where(slice => written.Contains(slice.Name) && old.ContainsKey(slice.Name)), slice => Assert.False(
            old[slice.Name].Endpoints.SequenceEqual(slice.Endpoints)
            && old[slice.Name].Ports.Equals(slice.Ports)
            && old[slice.Name].Labels.SequenceEqual(slice.Labels)));
        var created = after.Where(slice => !old.ContainsKey(slice.Name) && slice.Endpoints.Length > 0);
        foreach (var group in created.GroupBy(slice => (slice.Family, slice.Ports)))
        {
            // All but one of the new slices are full.
            Assert.True(group.Count(slice => slice.Endpoints.Length < Limit) <= 1);
        }
    });

    private static void Rounds(Action<ServiceView, PodView[], SliceView[], SliceView[], SliceWrites> check) => GenRounds.Sample(rounds =>
    {
        SliceView[] stored = [];
        foreach (var (service, pods) in rounds)
        {
            var writes = SliceReconciliation.Plan(service, pods, Zones, stored, Limit);
            var after = Apply(stored, writes);
            check(service, pods, stored, after, writes);
            stored = after;
        }
    });

    private static SliceView[] Apply(SliceView[] stored, SliceWrites writes)
    {
        var slices = stored.ToDictionary(slice => slice.Name);
        foreach (var content in writes.Puts)
        {
            // As from the store: through bytes.
            slices[content.Name()] = SliceView.From(JsonNode.Parse(content.ToJsonString())!.AsObject());
        }

        foreach (var name in writes.Deletes)
        {
            Assert.True(slices.Remove(name));
        }

        return [.. slices.Values];
    }

    /// <summary>The rules once more, written down as plainly as can be.</summary>
    private static IEnumerable<string> Expected(ServiceView service, PodView[] pods) =>
        from family in service.Families
        from pod in pods
        where !pod.IsFinished
        from address in pod.Addresses
        where address.Contains(':') == (family == "IPv6")
        let ready = service.PublishNotReadyAddresses || (pod.IsReady && !pod.IsTerminating)
        let zone = pod.NodeName is { } node ? Zones[node] : null
        let ports = pod.Ports.IsEmpty ? "metrics\tTCP\t9090\t" : $"metrics\tTCP\t9090\t\nweb\tTCP\t{pod.Ports[0].Number}\t"
        select Line(family, ports, new()
        {
            Address = address,
            Ready = ready,
            Serving = pod.IsReady,
            Terminating = pod.IsTerminating,
            NodeName = pod.NodeName,
            Zone = zone,
            PodNamespace = "shop",
            PodName = pod.Name,
            PodUid = pod.Uid,
            HintZone = ready && service.TrafficDistribution.Length > 0 ? zone : null,
            HintNode = ready && service.TrafficDistribution == "PreferSameNode" ? pod.NodeName : null,
        });

    private static string Line(string family, string ports, SliceEndpointView endpoint) => $"{family} {ports} {endpoint}";
}
