using System.Globalization;
using CsCheck;
using MeshSdk.Compilation.Localities;
using MeshSdk.Model;

namespace MeshSdk.Tests.Compilation.Localities;

/// <summary>The order of endpoints, as istiod works it out for its proxies.</summary>
public sealed class RankingTests
{
    private const string Network = TopologyLabels.Network;
    private const string Cluster = TopologyLabels.Cluster;

    private static readonly Locality Caller = LocalityPatternTests.At("region1/zone1/subzone1");

    // istio: TestApplyLocalitySetting, "all priorities", "priorities with gaps" and "some nil localities"; region2 stands in for region1.
    [Theory]
    [InlineData("region1/zone1/subzone1 region1/zone1/subzone1 region1/zone1/subzone2 region1/zone1/subzone3 region1/zone2 region2 region3", "0 0 1 1 2 3 4")]
    [InlineData("region1/zone1/subzone2 region2/zone1/subzone2 region2/zone1/subzone2", "0 1 1")]
    [InlineData("region1/zone1/subzone2 region2/zone1/subzone2 ?", "0 1 2")]
    public void A_region_stands_in_for_another_before_all_others(string endpoints, string expected) =>
        Assert.Equal(expected, Priorities(new LocalitySettings { Failover = [new("region1", "region2")] }, new(Caller, null, NoLabels), Localities(endpoints)));

    [Theory]
    [InlineData("r/z/s", "r/z/s r/z/t r/z r/y q/z ?", "0 1 1 2 3 3")]
    [InlineData("r/z", "r/z/s r/z/t r/z r/y q/z ?", "0 0 0 1 2 2")]
    [InlineData("r", "r/z/s r/y q/z ?", "0 0 1 1")]
    [InlineData("r/z", "/z /y r/z r/y", "0 2 0 1")]
    [InlineData("/z", "/z /y r/z r/y", "0 1 0 1")]
    [InlineData("r/z", "q/y q/x", "0 0")]
    [InlineData(null, "r/z q/y", "0 0")]
    public void Nearer_endpoints_come_first_by_what_is_known(string? caller, string endpoints, string expected) =>
        Assert.Equal(expected, Priorities(new LocalitySettings(), new(caller is null ? null : LocalityPatternTests.At(caller), null, NoLabels), Localities(endpoints)));

    // istio: TestApplyLocalitySetting, FailoverPriority; endpoints as in its fake cluster.
    [Theory]
    [InlineData($"{Network} {Cluster}", $"{Network}=test {Cluster}=test", "0 0 0 0 0 0")]
    [InlineData($"{Network} {Cluster}", $"{Network}=n1 {Cluster}=test", "0 1 0 1 0 1")]
    [InlineData($"{Network} {Cluster}", $"{Network}=test {Cluster}=c1", "0 1 1 1 0 1")]
    [InlineData($"key {Network} {Cluster}", $"key=value {Network}=n2 {Cluster}=c2", "3 0 2 1 2 0")]
    [InlineData($"{Network}=n1", $"{Network}=n2 {Cluster}=test", "0 1 0 1 0 1")]
    [InlineData($"{Network}=n3", $"{Network}=n1 {Cluster}=test", "0 0 0 0 0 0")]
    public void Labels_are_compared_in_their_order(string labels, string caller, string expected) =>
        Assert.Equal(expected, Priorities(
            Labelled(labels), new(Caller, null, Labels(caller)),
            WithLabels(
                $"{Network}=n1 {Cluster}=c1", $"key=value {Network}=n2 {Cluster}=c2", $"key=value {Network}=n1 {Cluster}=c3",
                $"key=value {Network}=n2 {Cluster}=c4", $"key=value {Network}=n1 {Cluster}=c1", $"key=value {Network}=n2 {Cluster}=c2")));

    // istio: TestApplyLocalitySetting, "FailoverPriority including locality".
    [Fact]
    public void Another_network_keeps_its_own_order() =>
        Assert.Equal("1 3 0 3 2 1", Priorities(
            Labelled($"{Network} region zone"), new(Caller, null, Labels($"{Network}=n1 region=region2 zone=zone2")),
            WithLabels(
                $"{Network}=n1 region=region1 zone=zone1", $"{Network}=n2 region=region1 zone=zone2", $"{Network}=n1 region=region2 zone=zone2",
                $"{Network}=n2 region=region3 zone=zone3", $"{Network}=n2 region=region2 zone=zone2", $"{Network}=n1 region=region3 zone=zone3")));

    // istio: TestApplyLocalitySetting, "FailoverPriority with Failover".
    [Fact]
    public void Regions_order_what_labels_leave_alike()
    {
        string[] labels =
        [
            $"{Network}=n1 {Cluster}=c1", $"key=value {Network}=n2 {Cluster}=c2", $"key=value {Network}=n1 {Cluster}=c3",
            $"key=value {Network}=n2 {Cluster}=c4", $"{Network}=n2 {Cluster}=c2", $"key=value {Network}=n1 {Cluster}=c6",
        ];
        var places = Localities("region1/zone1/subzone1 region1/zone2/subzone2 region2/zone2/subzone2 region3/zone3/subzone3 region2/zone2/subzone2 region3/zone3/subzone3")
            .Select((place, i) => place with { Labels = Labels(labels[i]) }).ToArray();
        Assert.Equal("3 0 4 2 1 5", Priorities(
            Labelled($"{Network} {Cluster}") with { Failover = [new("region1", "region2")] }, new(Caller, null, Labels($"{Network}=n2 {Cluster}=c2")), places));
    }

    [Theory]
    [InlineData(TopologyLabels.Region, "0 0 0 1")]
    [InlineData(TopologyLabels.Zone, "0 0 1 1")]
    [InlineData($"{TopologyLabels.Region} {TopologyLabels.Zone} {TopologyLabels.Host}", "0 1 2 3")]
    [InlineData($"{TopologyLabels.Zone}=z2", "1 1 0 1")]
    public void Labels_of_places_are_those_of_the_locality_and_the_node(string labels, string expected)
    {
        EndpointPlace[] places =
        [
            new(EndpointHealth.Ready, LocalityPatternTests.At("r/z1"), "node-1"), new(EndpointHealth.Ready, LocalityPatternTests.At("r/z1"), "node-2"),
            new(EndpointHealth.Ready, LocalityPatternTests.At("r/z2"), "node-3"), new(EndpointHealth.Ready, LocalityPatternTests.At("q/z3")),
        ];
        Assert.Equal(expected, Priorities(Labelled(labels), new(LocalityPatternTests.At("r/z1"), "node-1", NoLabels), places));
    }

    [Theory]
    [InlineData(TopologyLabels.Region)]
    [InlineData(TopologyLabels.Host)]
    [InlineData(Network)]
    [InlineData("version")]
    public void A_caller_that_knows_nothing_of_itself_prefers_nobody(string label) =>
        Assert.Equal("0 0", Priorities(Labelled(label), new(null, null, NoLabels), Localities("r/z q/y")));

    [Fact]
    public void Labels_that_the_caller_lacks_are_lacked_by_those_that_match() =>
        Assert.Equal("1 0", Priorities(Labelled("version"), new(null, null, Labels("app=x")), WithLabels("version=v1", "app=y")));

    // istio: TestApplyLocalitySetting, Distribute; there a locality that stands twice shares its weight.
    [Theory]
    [InlineData("region1/zone1/subzone1", "region1/zone1/subzone1=80 region1/zone1/subzone2=15 region1/zone1/subzone3=5",
        "region1/zone1/subzone1=80 region1/zone1/subzone2=15 region1/zone1/subzone3=5", "region1/zone2 region2 region3")]
    [InlineData("region1/*", "region1/zone1/*=70 region2/*=30",
        "region1/zone1/subzone1=35 region1/zone1/subzone2=18 region1/zone1/subzone3=18 region2=30", "region1/zone2 region3")]
    [InlineData("*", "*=100", "region1/zone1/subzone1=29 region1/zone1/subzone2=15 region1/zone1/subzone3=15 region1/zone2=15 region2=15 region3=15", "")]
    public void Shares_are_divided_among_the_localities_that_are_meant(string from, string to, string weights, string excluded)
    {
        var places = Localities("region1/zone1/subzone1 region1/zone1/subzone1 region1/zone1/subzone2 region1/zone1/subzone3 region1/zone2 region2 region3");
        var ranks = Preference(new LocalitySettings { Distribute = [Distribution(from, to)] }, new(Caller, null, NoLabels)).Rank(places);
        Assert.Equal(weights, string.Join(' ', ranks.Weights.Select(static weight => string.Create(CultureInfo.InvariantCulture, $"{weight.Locality}={weight.Weight}"))));
        Assert.Equal(excluded, string.Join(' ', places.Where((_, i) => ranks.IsExcluded(i)).Select(static place => place.Locality)));
    }

    // Each endpoint: its place, "?" one that is nowhere, and "?" after a place one on a node that is not read.
    [Theory]
    [InlineData("r/z1", "r/*", "r/*=20 q/*=80", "r/z1 q/z2", null)]
    [InlineData("r/z1", "r/*", "r/*=20 q/*=80", "/z1 /z2", ".distribute[0].to")]
    [InlineData("r/z1", "r/*", "r/*=20 q/*=80", "r/z1 /z2", ".distribute[0].to")]
    [InlineData("r/z1", "r/*", "r/z1=20 r/z2=80", "/z1 /z2 /z3", null)]
    [InlineData("r/z1", "r/*", "r/z1/s1=20 r/z2=80", "/z1 /z2", ".distribute[0].to")]
    [InlineData("r/z1", "r/*", "r/z1=20 r/z2=80", "/z1 #", ".distribute[0].to")]
    [InlineData("r/z1", "r/*", "r/*=100", "r/z1 ?", null)]
    [InlineData("r/z1", "r/*", "r/*=100", "?", ".distribute[0].to")]
    [InlineData("r/z1", "r/*", "x/*=100", "r/z1 q/z2", ".distribute[0].to")]
    [InlineData("r/z1", "*", "*=100", "/z1 ? #", null)]
    [InlineData("/z1", "r/z1", "r/z1=100", "/z1 r/z1", null)]
    [InlineData("/z1", "r/*", "r/z1=100", "/z1 r/z1", ".distribute[0].from")]
    public void A_distribution_counts_where_it_is_known_whom_it_means_and_means_somebody(string caller, string from, string to, string endpoints, string? doubt)
    {
        EndpointPlace[] places = [.. endpoints.Split(' ').Select(static text => new EndpointPlace(
            EndpointHealth.Ready, text is "?" or "#" ? Locality.Unknown : LocalityPatternTests.At(text), text == "#" ? "n9" : null))];
        var ranks = Preference(new LocalitySettings { Distribute = [Distribution(from, to)] }, new(LocalityPatternTests.At(caller), null, NoLabels)).Rank(places);
        Assert.Equal(doubt, ranks.Doubt?.Field);
        Assert.Equal(doubt is not null, ranks.IsEven);
        Assert.Contains(Enumerable.Range(0, places.Length), i => !ranks.IsExcluded(i));
    }

    [Theory]
    [InlineData("r/z1", "r", "r/z1 q/z2 x/z3", "0 1 2", null)]
    [InlineData("r/z1", "r", "/z1 /z2 /z3", "0 1 1", ".failover")]
    [InlineData("r/z1", "r", "/z1", "0", null)]
    [InlineData("r/z1", "q", "/z1 /z2", "0 1", null)]
    [InlineData("/z1", "r", "/z1 q/z2", "0 1", ".failover")]
    public void Regions_that_stand_in_have_to_be_known(string caller, string from, string endpoints, string expected, string? doubt)
    {
        var settings = new LocalitySettings { Failover = [new(from, from == "q" ? "r" : "q")] };
        var place = new CallerPlace(LocalityPatternTests.At(caller), null, NoLabels);
        Assert.Equal(expected, Priorities(settings, place, Localities(endpoints)));
        Assert.Equal(doubt, Preference(settings, place).Rank(Localities(endpoints)).Doubt?.Field);
    }

    [Fact]
    public void The_first_distribution_that_means_the_caller_counts_and_none_changes_nothing()
    {
        var settings = new LocalitySettings { Distribute = [Distribution("other", "r=100"), Distribution("region1", "r=100"), Distribution("*", "q=100")] };
        var places = Localities("r q");
        Assert.Equal("r", Assert.Single(Preference(settings, new(Caller, null, NoLabels)).Rank(places).Weights).Locality.Region);
        Assert.Same(EndpointRanks.Even, Preference(settings with { Distribute = [Distribution("other", "r=100")] }, new(Caller, null, NoLabels)).Rank(places));
        Assert.Same(EndpointRanks.Even, Preference(settings, new(null, null, NoLabels)).Rank(places));
    }

    [Fact]
    public void Failover_needs_somebody_who_ejects_or_a_service_that_insists()
    {
        var places = Localities("region1/zone1/subzone1 region2");
        var idle = new LocalityPreference(new(Caller, null, NoLabels)) { Settings = new LocalitySettings() };
        Assert.Same(EndpointRanks.Even, idle.Rank(places));
        Assert.Equal(1, (idle with { HasOutlierDetection = true }).Rank(places).PriorityOf(1));
        Assert.Equal(1, (idle with { Settings = new LocalitySettings { ForcesFailover = true } }).Rank(places).PriorityOf(1));
    }

    [Fact]
    public void Priorities_leave_no_gap_and_follow_the_distance()
    {
        var part = Gen.Int[0, 3].Select(static i => i == 0 ? "" : $"{i}");
        var locality = Gen.Select(part, part, part, static (region, zone, subZone) => new Locality(region, zone, subZone));
        Check.Sample(
            Gen.Select(locality, locality.Array[1, 20]),
            static (caller, endpoints) =>
            {
                var ranks = Preference(new LocalitySettings(), new(caller, null, NoLabels)).Rank([.. endpoints.Select(static e => new EndpointPlace(EndpointHealth.Ready, e))]);
                int[] priorities = [.. endpoints.Select((_, i) => ranks.PriorityOf(i))];
                Assert.Equal(Enumerable.Range(0, priorities.Max() + 1), priorities.Distinct().Order());
                for (var i = 0; i < endpoints.Length; i++)
                {
                    for (var j = 0; j < endpoints.Length; j++)
                    {
                        Assert.Equal(
                            Proximity.Of(caller, endpoints[i]).CompareTo(Proximity.Of(caller, endpoints[j])), priorities[i].CompareTo(priorities[j]));
                    }
                }
            });
    }

    private static IReadOnlyDictionary<string, string> NoLabels { get; } = new Dictionary<string, string>();

    private static string Priorities(LocalitySettings settings, CallerPlace caller, EndpointPlace[] endpoints)
    {
        var ranks = Preference(settings, caller).Rank(endpoints);
        return string.Join(' ', endpoints.Select((_, i) => ranks.PriorityOf(i)));
    }

    private static LocalityPreference Preference(LocalitySettings settings, CallerPlace caller) => new(caller) { Settings = settings, HasOutlierDetection = true };

    private static LocalitySettings Labelled(string labels) => new() { FailoverPriority = [.. labels.Split(' ').Select(static label => PriorityLabel.Parse(label)!.Value)] };

    private static LocalityDistribution Distribution(string from, string to) => new(
        LocalityPatternTests.Pattern(from),
        [.. to.Split(' ').Select(static entry => (LocalityPatternTests.Pattern(entry.Split('=')[0]), int.Parse(entry.Split('=')[1], CultureInfo.InvariantCulture)))]);

    private static EndpointPlace[] Localities(string text) =>
        [.. text.Split(' ').Select(static part => new EndpointPlace(EndpointHealth.Ready, part == "?" ? Locality.Unknown : LocalityPatternTests.At(part)))];

    private static EndpointPlace[] WithLabels(params string[] labels) =>
        [.. labels.Select(static text => new EndpointPlace(EndpointHealth.Ready, Locality.Unknown, Labels: Labels(text)))];

    private static Dictionary<string, string> Labels(string text) => text.Split(' ').Select(static entry => entry.Split('=')).ToDictionary(static entry => entry[0], static entry => entry[1]);
}
