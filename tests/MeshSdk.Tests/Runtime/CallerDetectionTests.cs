using MeshSdk.Model;
using MeshSdk.Runtime;

namespace MeshSdk.Tests.Runtime;

public sealed class CallerDetectionTests
{
    [Theory]
    [InlineData("eu", "eu", "", "")]
    [InlineData("eu/a", "eu", "a", "")]
    [InlineData("eu/a/1", "eu", "a", "1")]
    public void A_locality_may_leave_its_later_parts_out(string text, string region, string zone, string subZone) =>
        Assert.Equal(new Locality(region, zone, subZone), CallerDetection.ParseLocality(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void No_locality_is_no_preference(string? text) => Assert.Null(CallerDetection.ParseLocality(text));

    [Fact]
    public void The_caller_does_not_change_with_the_options_that_it_was_made_from()
    {
        var options = new MeshOptions { Namespace = "shop", Labels = { ["app"] = "cart" } };
        var caller = CallerDetection.From(options);
        options.Labels["app"] = "other";
        Assert.Equal("shop", caller.Namespace);
        Assert.Equal("cart", caller.Labels["app"]);
    }

    [Theory]
    [InlineData(MeshDataPlane.Auto, null)]
    [InlineData(MeshDataPlane.None, "None")]
    [InlineData(MeshDataPlane.Sidecar, "Sidecar")]
    [InlineData(MeshDataPlane.Ambient, "Ambient")]
    public void The_data_plane_is_found_out_unless_it_is_stated(MeshDataPlane option, string? expected)
    {
        var caller = CallerDetection.From(new MeshOptions { DataPlane = option, PodName = "me", AllowWaypointBypass = true });
        Assert.Equal(expected, caller.Proxy?.Kind.ToString());
        Assert.Equal(("me", true), (caller.Pod, caller.AllowsWaypointBypass));
    }

    [Fact]
    public void The_node_is_the_one_that_is_named() => Assert.Equal("node-7", CallerDetection.From(new MeshOptions { NodeName = "node-7" }).Node);
}
