using MeshSdk.AspNetCore.Telemetry;
using MeshSdk.Model;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.AspNetCore.Tests.Telemetry;

/// <summary>Callers that make up names neither fill a dashboard nor take its names away.</summary>
public sealed class DestinationNamesTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly DestinationNames _names;

    public DestinationNamesTests() => _names = new DestinationNames(
        new CallerContext { Namespace = "shop" }, static service => service == new ServiceId("shop", "known"), _time);

    [Fact]
    public void Names_that_are_made_up_do_not_hide_those_that_the_mesh_knows()
    {
        Fill();

        Assert.Null(_names.ServiceOf("other"));
        Assert.Equal("known", _names.ServiceOf("known"));
        Assert.Equal("known", _names.ServiceOf("Known.Shop.svc.cluster.local:8080"));
        Assert.Equal("name1", _names.ServiceOf("name1"));
        Assert.Null(_names.ServiceOf("another"));
    }

    [Fact]
    public void Names_that_the_mesh_may_only_not_know_come_back_in_an_hour()
    {
        Fill();
        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        Assert.Null(_names.ServiceOf("other"));

        _time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal("other", _names.ServiceOf("other"));
    }

    [Fact]
    public void What_is_no_name_of_a_service_and_how_one_is_written_take_no_places()
    {
        for (var i = 0; i < 200; i++)
        {
            Assert.Null(_names.ServiceOf($"10.0.0.{i}:8080"));
            Assert.Null(_names.ServiceOf($"name{i}.elsewhere"));
            Assert.Equal("orders", _names.ServiceOf($"{(i % 2 == 0 ? "orders" : "Orders")}{(i % 3 == 0 ? "" : ".")}:{i}"));
        }

        Assert.Equal("other", _names.ServiceOf("other"));
    }

    private void Fill()
    {
        for (var i = 0; i < 64; i++)
        {
            Assert.Equal($"name{i}", _names.ServiceOf($"name{i}"));
        }
    }
}
