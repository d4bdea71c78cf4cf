using MeshSdk.Testing.Api;
using MeshSdk.Testing.Storage;

namespace MeshSdk.Testing.Tests.Storage;

public sealed class LabelSelectorTests
{
    private static readonly KeyValuePair<string, string>[] Labels = [new("app", "web"), new("tier", ""), new("rev", "7")];

    [Theory]
    [InlineData("", true)]
    [InlineData("app=web", true)]
    [InlineData("app==web", true)]
    [InlineData("app = web", true)]
    [InlineData("app=api", false)]
    [InlineData("app!=api", true)]
    [InlineData("app!=web", false)]
    [InlineData("other!=web", true)]
    [InlineData("app", true)]
    [InlineData("other", false)]
    [InlineData("!other", true)]
    [InlineData("!app", false)]
    [InlineData("app in (api,web)", true)]
    [InlineData("app in ( api , web )", true)]
    [InlineData("app in (api)", false)]
    [InlineData("other in (api)", false)]
    [InlineData("app notin (api)", true)]
    [InlineData("app notin (web)", false)]
    [InlineData("other notin (web)", true)]
    [InlineData("tier=", true)]
    [InlineData("tier in ()", true)]
    [InlineData("app=", false)]
    [InlineData("rev>6", true)]
    [InlineData("rev>7", false)]
    [InlineData("rev<8", true)]
    [InlineData("app>1", false)]
    [InlineData("app=web,rev=7", true)]
    [InlineData("app=web,rev=8", false)]
    [InlineData("app in (api,web),!other,rev>1", true)]
    [InlineData("kubernetes.io/service-name=web", false)]
    public void A_selector_matches_as_in_kubernetes(string selector, bool matches) =>
        Assert.Equal(matches, LabelSelector.Parse(selector).Matches(Labels));

    [Theory]
    [InlineData("=web")]
    [InlineData("app in web")]
    [InlineData("app in (web")]
    [InlineData("app between (a,b)")]
    [InlineData("app=web,")]
    [InlineData("rev>many")]
    [InlineData("app!web")]
    public void What_cannot_be_read_is_a_bad_request(string selector) =>
        Assert.Equal(400, Assert.Throws<ApiException>(() => LabelSelector.Parse(selector)).Code);
}
