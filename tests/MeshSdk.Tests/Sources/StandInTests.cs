using MeshSdk.Resources;

namespace MeshSdk.Tests.Sources;

/// <summary>How long a stand-in for an unreadable rule is in force: until there is a good version, and never over one.</summary>
public sealed class StandInTests
{
    private const string Broken = "trafficPolicy: {tls: 7}";
    private const string BrokenOtherwise = "trafficPolicy: {tls: {mode: SIMPLE}, loadBalancer: 7}";
    private const string Garbled = "trafficPolicy: {tls: [";
    private const string Good = "trafficPolicy: {tls: {mode: DISABLE}}";

    [Fact]
    public async Task Is_no_good_version_and_follows_what_is_written()
    {
        await using var mesh = new ManifestHarness();
        mesh.Write("a.yaml", Rule("r", Broken));
        await mesh.StartAsync();
        Assert.Equal(ClientTlsSettings.Unreadable, Mode(mesh));
        Assert.DoesNotContain("last good", mesh.Problems[0].Message, StringComparison.Ordinal);

        mesh.Replace("a.yaml", Rule("r", BrokenOtherwise));
        await mesh.UntilAsync(static m => Mode(m) == "SIMPLE");

        File.Delete(mesh.PathOf("a.yaml"));
        await mesh.UntilAsync(static m => m.Resources.Count == 0);
    }

    [Theory]
    [InlineData(Broken)]
    [InlineData(Garbled)]
    public async Task Does_not_replace_the_last_good_version(string broken)
    {
        await using var mesh = new ManifestHarness();
        mesh.Write("a.yaml", Rule("r", Good));
        await mesh.StartAsync();

        mesh.Replace("a.yaml", Rule("r", broken));
        await mesh.UntilAsync(static m => m.Problems.Count == 1);
        Assert.Equal("DISABLE", Mode(mesh));

        // To another file, and broken.
        mesh.Write("b.yaml", Rule("r", Broken));
        await mesh.UntilAsync(static m => m.Problems.Count == 2);
        File.Delete(mesh.PathOf("a.yaml"));
        await mesh.UntilAsync(static m => m.Problems.Count == 1);
        Assert.Equal("DISABLE", Mode(mesh));
    }

    [Fact]
    public async Task A_rule_that_lost_its_name_keeps_its_last_good_version_alone()
    {
        await using var mesh = new ManifestHarness();
        mesh.Write("a.yaml", Rule("r", Good));
        await mesh.StartAsync();

        mesh.Replace("a.yaml", Rule("7", Broken));
        await mesh.UntilAsync(static m => m.Problems.Count > 0);
        Assert.Equal("DISABLE", Mode(mesh));
    }

    [Fact]
    public async Task A_syntax_error_does_not_end_it()
    {
        await using var mesh = new ManifestHarness();
        mesh.Write("a.yaml", Rule("r", Broken));
        await mesh.StartAsync();

        mesh.Replace("a.yaml", "kind: [");
        await mesh.UntilAsync(static m => m.Problems[0].Code == "InvalidManifest");
        Assert.Equal(ClientTlsSettings.Unreadable, Mode(mesh));
    }

    [Fact]
    public async Task A_file_that_is_not_text_is_searched_too()
    {
        await using var mesh = new ManifestHarness();
        File.WriteAllBytes(mesh.PathOf("a.yaml"), [.. System.Text.Encoding.UTF8.GetBytes(Rule("r", Good)), 0xff]);
        await mesh.StartAsync();
        Assert.Equal(ClientTlsSettings.Unreadable, Mode(mesh));
    }

    private static string? Mode(ManifestHarness mesh) =>
        Assert.IsType<DestinationRule>(Assert.Single(mesh.Resources.Values)).Spec.TrafficPolicy!.Tls!.Mode;

    private static string Rule(string name, string spec) =>
        $"apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: {name}}}\nspec:\n  host: a\n  {spec}\n";
}
