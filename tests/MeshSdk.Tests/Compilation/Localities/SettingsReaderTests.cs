using MeshSdk.Compilation;
using MeshSdk.Compilation.Localities;

namespace MeshSdk.Tests.Compilation.Localities;

public sealed class SettingsReaderTests
{
    // istio: TestValidateLocalityLbSetting and TestValidateLocalities; and shapes that no server would have let in.
    [Theory]
    [InlineData("""{"distribute":[{"from":"a/b/c","to":{"a/b/c":80,"a/b1":25}}]}""", ".distribute[0].to", "105 and not to 100")]
    [InlineData("""{"distribute":[{"from":"a/b/c","to":{"a/b/c":80,"a/b1":15}}]}""", ".distribute[0].to", "95 and not to 100")]
    [InlineData("""{"distribute":[{"from":"a/b/c","to":{"a/b/c":0,"a/b1":100}}]}""", ".distribute[0].to[a/b/c]", "0 is no weight")]
    [InlineData("""{"distribute":[{"from":"a/b/c","to":{"a/b/c":101}}]}""", ".distribute[0].to[a/b/c]", "101 is no weight")]
    [InlineData("""{"distribute":[{"from":"a","to":{"b":60.5,"c":39.5}}]}""", ".distribute[0].to[b]", "60.5 is no weight")]
    [InlineData("""{"distribute":[{"from":"a","to":{"b":"100"}}]}""", ".distribute[0].to[b]", "no weight")]
    [InlineData("""{"distribute":[{"from":"a/b/c","to":{"a/b/c":80,"a/b1":20}}],"failover":[{"from":"region1","to":"region2"}]}""", ".failover", "exclude each other")]
    [InlineData("""{"failover":[{"from":"region1","to":"region1"}]}""", ".failover[0].to", "itself")]
    [InlineData("""{"failover":[{"from":"*","to":"region2"}]}""", ".failover[0].from", "no name of a region")]
    [InlineData("""{"failover":[{"from":"region1","to":"*"}]}""", ".failover[0].to", "no name of a region")]
    [InlineData("""{"failover":[{"from":"region1/zone1","to":"region2"}]}""", ".failover[0].from", "no name of a region")]
    [InlineData("""{"failover":[{"from":"region1","to":"region2/zone1"}]}""", ".failover[0].to", "no name of a region")]
    [InlineData("""{"failover":[{"from":"region1"}]}""", ".failover[0].to", "no name of a region")]
    [InlineData("""{"failover":[{"from":"a","to":"b"}],"failoverPriority":["topology.kubernetes.io/zone"]}""", ".failoverPriority", "leave out one")]
    [InlineData("""{"distribute":[{"from":"a","to":{"*":50,"a/b/c":50}}]}""", ".distribute[0].to[a/b/c]", "overlaps with *")]
    [InlineData("""{"distribute":[{"from":"a","to":{"a/b":50,"a/b/c":50}}]}""", ".distribute[0].to[a/b/c]", "overlaps with a/b")]
    [InlineData("""{"distribute":[{"from":"a","to":{"*/zone":100}}]}""", ".distribute[0].to[*/zone]", "no locality")]
    [InlineData("""{"distribute":[{"from":"a","to":{"b":100}},{"from":"a/b","to":{"b":100}}]}""", ".distribute[1].from", "overlaps with a")]
    [InlineData("""{"distribute":[{"from":"a"}]}""", ".distribute[0].to", "mapping")]
    [InlineData("""{"distribute":[7]}""", ".distribute[0].from", "no locality")]
    [InlineData("""{"distribute":{}}""", ".distribute", "list")]
    [InlineData("""{"failoverPriority":["=x"]}""", ".failoverPriority[0]", "neither a label")]
    [InlineData("""{"failoverPriority":[7]}""", ".failoverPriority[0]", "neither a label")]
    [InlineData("""{"enabled":"yes"}""", ".enabled", "neither true nor false")]
    [InlineData("7", "", "mapping")]
    [InlineData("[]", "", "mapping")]
    public void A_block_that_is_wrong_anywhere_is_named_and_ignored(string json, string path, string message)
    {
        var (settings, diagnostics) = Read(json);
        Assert.Null(settings);
        var problem = Assert.Single(diagnostics);
        Assert.Equal((DiagnosticSeverity.Error, DiagnosticCode.UnsupportedValue, "p" + path), (problem.Severity, problem.Code, problem.Path));
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"enabled":true}""")]
    [InlineData("""{"enabled":null,"distribute":null,"failover":[],"failoverPriority":[]}""")]
    [InlineData("""{"distribute":[{"from":"a1/*","to":{"a1/*":20,"a2/*":20,"a3/b3/c3":20,"a4/b4":20,"a5/b5/*":20}}]}""")]
    [InlineData("""{"failover":[{"from":"a","to":"b"}],"failoverPriority":["version","team=x"]}""")]
    [InlineData("""{"failoverPriority":["topology.istio.io/network","topology.kubernetes.io/region","topology.kubernetes.io/zone","topology.istio.io/subzone"]}""")]
    public void A_block_that_is_right_is_taken_without_a_word(string json)
    {
        var (settings, diagnostics) = Read(json);
        Assert.True(settings?.IsEnabled);
        Assert.Empty(diagnostics);
    }

    [Fact]
    public void Everything_in_it_is_read()
    {
        var settings = Read("""{"enabled":false,"failover":[{"from":"a","to":"b"}],"failoverPriority":["version","team=x"]}""").Settings!;
        Assert.False(settings.IsEnabled);
        Assert.Equal([new RegionFailover("a", "b")], settings.Failover);
        Assert.Equal([new PriorityLabel("version"), new PriorityLabel("team", "x")], settings.FailoverPriority);
        var distribution = Assert.Single(Read("""{"distribute":[{"from":"a/b","to":{"c/*":30,"d":70}}]}""").Settings!.Distribute);
        Assert.Equal("a/b to c=30 d=70", $"{distribution.From} to {string.Join(' ', distribution.To.Select(static to => $"{to.Locality}={to.Weight}"))}");
    }

    [Theory]
    [InlineData("""{"failover":[{"from":"a","to":"b"}]}""", false, "p.failover")]
    [InlineData("""{"failoverPriority":["version"]}""", false, "p.failoverPriority")]
    [InlineData("""{"failoverPriority":["version"],"distribute":[{"from":"a","to":{"b":100}}]}""", true, "p.failoverPriority")]
    [InlineData("""{"enabled":false,"failover":[{"from":"a","to":"b"}]}""", false, null)]
    public void What_has_no_effect_is_named(string json, bool hasOutlierDetection, string? path)
    {
        var (settings, diagnostics) = Read(json, hasOutlierDetection);
        Assert.NotNull(settings);
        Assert.Equal(path is null ? [] : [$"Warning Ignored {path}"], diagnostics.Codes());
    }

    [Theory]
    [InlineData("""{"failoverPriority":["a","b=c",7,"=d"]}""", "a b")]
    [InlineData("""{"failoverPriority":{}}""", "")]
    [InlineData("7", "")]
    public void Labels_are_found_whatever_else_is_wrong(string json, string expected) =>
        Assert.Equal(expected, string.Join(' ', LocalitySettingsReader.PriorityLabelsOf(Given.Json(json))));

    private static (LocalitySettings? Settings, System.Collections.Immutable.ImmutableArray<MeshDiagnostic> Diagnostics) Read(string json, bool hasOutlierDetection = true)
    {
        var diagnostics = new DiagnosticList();
        var settings = new LocalitySettingsReader(diagnostics).Read(new LocalityBlock(Given.Service("a"), Given.Json(json), "p"), hasOutlierDetection);
        return (settings, diagnostics.ToImmutable());
    }
}
