using MeshSdk.Compilation.Localities;
using MeshSdk.Resources;

namespace MeshSdk.Tests.Compilation.Localities;

/// <summary>Which of several settings counts.</summary>
public sealed class EffectiveSettingTests
{
    // istio: TestGetEffectiveLbSetting. "on" and "off" are settings that say no more than that, anything else is a region that stands in for another.
    [Theory]
    [InlineData(null, null, null, null)]
    [InlineData(null, null, "on", "on")]
    [InlineData("on", null, null, "on")]
    [InlineData("r2", null, "on", "r2")]
    [InlineData(null, "zone", "on", "zone")]
    [InlineData(null, "node", "on", "node")]
    [InlineData(null, null, "off", null)]
    [InlineData("off", null, "on", null)]
    [InlineData("on", null, "off", "on")]
    [InlineData("r2", "zone", null, "r2")]
    [InlineData("off", "zone", null, null)]
    public void The_rule_comes_before_the_service_and_the_service_before_the_mesh(string? rule, string? service, string? mesh, string? expected)
    {
        var found = LocalityCompiler.Effective(Setting(rule), Setting(service), Setting(mesh));
        Assert.Equal(expected, found switch
        {
            null => null,
            { ForcesFailover: true } => found.FailoverPriority.Length == 3 ? "zone" : "node",
            { Failover: [var failover] } => failover.To,
            _ => "on",
        });
    }

    [Theory]
    [InlineData("PreferSameZone", null, "topology.istio.io/network topology.kubernetes.io/region topology.kubernetes.io/zone")]
    [InlineData("PreferClose", null, "topology.istio.io/network topology.kubernetes.io/region topology.kubernetes.io/zone")]
    [InlineData(
        "PreferSameNode", null,
        "topology.istio.io/network topology.kubernetes.io/region topology.kubernetes.io/zone topology.istio.io/subzone kubernetes.io/hostname")]
    [InlineData(null, "PreferClose", "topology.istio.io/network topology.kubernetes.io/region topology.kubernetes.io/zone")]
    [InlineData(null, "prefersamezone", "topology.istio.io/network topology.kubernetes.io/region topology.kubernetes.io/zone")]
    [InlineData("PreferSameZone", "PreferSameNode", "topology.istio.io/network topology.kubernetes.io/region topology.kubernetes.io/zone")]
    [InlineData(null, null, null)]
    [InlineData("", "", null)]
    public void A_service_prefers_by_its_field_or_else_by_its_annotation(string? field, string? annotation, string? expected)
    {
        var diagnostics = new MeshSdk.Compilation.DiagnosticList();
        var found = TrafficDistribution.Of(Service(field, annotation), diagnostics);
        Assert.Equal(expected, found is null ? null : string.Join(' ', found.FailoverPriority.Select(static label => label.Name)));
        Assert.Empty(diagnostics.ToImmutable());
    }

    [Theory]
    [InlineData("Nearest", null, "Warning UnsupportedValue spec.trafficDistribution")]
    [InlineData(null, "Nearest", "Warning UnsupportedValue metadata.annotations[networking.istio.io/traffic-distribution]")]
    public void What_is_not_known_is_named_and_prefers_nobody(string? field, string? annotation, string expected)
    {
        var diagnostics = new MeshSdk.Compilation.DiagnosticList();
        Assert.Null(TrafficDistribution.Of(Service(field, annotation), diagnostics));
        Assert.Equal([expected], diagnostics.ToImmutable().Codes());
    }

    private static LocalitySettings? Setting(string? text) => text switch
    {
        null => null,
        "on" => new LocalitySettings(),
        "off" => new LocalitySettings { IsEnabled = false },
        "zone" => TrafficDistribution.Of(Service("PreferSameZone", null), new()),
        "node" => TrafficDistribution.Of(Service("PreferSameNode", null), new()),
        _ => new LocalitySettings { Failover = [new("r1", text)] },
    };

    private static Service Service(string? distribution, string? annotation)
    {
        var service = Given.Service("a");
        return service with
        {
            Metadata = service.Metadata with { Annotations = annotation is null ? null : new() { [TrafficDistribution.Annotation] = annotation } },
            Spec = service.Spec with { TrafficDistribution = distribution },
        };
    }
}
