using MeshSdk.Compilation.Localities;
using MeshSdk.Model;

namespace MeshSdk.Tests.Compilation.Localities;

public sealed class LocalityPatternTests
{
    // istio: TestLocalityMatch.
    [Theory]
    [InlineData("region1/zone1/subzone1", "*", true)]
    [InlineData("region1/zone1/subzone1", "region1/*", true)]
    [InlineData("region1/zone1/subzone1", "region1/zone1/*", true)]
    [InlineData("region1/zone1/subzone1", "region1/zone2/*", false)]
    [InlineData("region1/zone1/subzone1", "region1", true)]
    [InlineData("region1/zone1/subzone1", "region1/zone1", true)]
    [InlineData("region1/zone1", "region1/zone1", true)]
    [InlineData("region1/zone1", "region1/zone1/subzone2", false)]
    [InlineData("region1/zone1/subzone1", "region2", false)]
    [InlineData("/zone1", "region1/zone1/*", true)]
    [InlineData("/zone1", "region1/zone2", false)]
    [InlineData("/zone1", "region1", false)]
    [InlineData("/zone1", "*", true)]
    [InlineData("", "region1/zone1", false)]
    public void A_pattern_means_a_locality_and_all_below_it(string locality, string pattern, bool expected) =>
        Assert.Equal(expected, Pattern(pattern).Matches(At(locality)));

    [Theory]
    [InlineData("*")]
    [InlineData("a")]
    [InlineData("a/b")]
    [InlineData("a/b/c")]
    public void A_pattern_prints_as_it_is_written(string text) => Assert.Equal(text, Pattern(text).ToString());

    // istio: TestValidateLocalities, the cases with one locality.
    [Theory]
    [InlineData("*/zone/*")]
    [InlineData("*/zone")]
    [InlineData("a/z*")]
    [InlineData("a//c")]
    [InlineData("a/")]
    [InlineData("")]
    [InlineData("a/b/c/d")]
    [InlineData(null)]
    public void Anything_else_is_no_pattern(string? text) => Assert.False(LocalityPattern.TryParse(text, out _));

    // istio: TestValidateLocalities, the cases with several.
    [Theory]
    [InlineData("*", "a/b/c", true)]
    [InlineData("a", "a/b/c", true)]
    [InlineData("a/*", "a/b/c", true)]
    [InlineData("a/b", "a/b/c", true)]
    [InlineData("a/b/*", "a/b/c", true)]
    [InlineData("a/b/c", "a/b/c", true)]
    [InlineData("a/b/c", "a/b/d", false)]
    [InlineData("a1/*", "a2/*", false)]
    [InlineData("a4/b4", "a5/b5/*", false)]
    public void Two_patterns_overlap_where_both_may_mean_the_same_locality(string left, string right, bool expected)
    {
        Assert.Equal(expected, Pattern(left).Overlaps(Pattern(right)));
        Assert.Equal(expected, Pattern(right).Overlaps(Pattern(left)));
    }

    internal static Locality At(string text)
    {
        var parts = text.Split('/');
        return new Locality(parts[0], parts.ElementAtOrDefault(1) ?? "", parts.ElementAtOrDefault(2) ?? "");
    }

    internal static LocalityPattern Pattern(string text) =>
        LocalityPattern.TryParse(text, out var pattern) ? pattern : throw new ArgumentException($"'{text}' is no pattern", nameof(text));
}
