using MeshSdk.AspNetCore.Requests;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.AspNetCore.Tests.Requests;

/// <summary>However many there are to tell of, some are.</summary>
public sealed class LineBudgetTests
{
    [Fact]
    public void So_many_are_told_in_a_stretch_of_time_and_the_others_are_counted()
    {
        var time = new FakeTimeProvider();
        var budget = new LineBudget(time, lines: 2, TimeSpan.FromSeconds(10));

        Assert.Equal([(true, 0), (true, 0), (false, 0), (false, 0), (false, 0)], Enumerable.Range(0, 5).Select(_ => Take()));

        time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal((false, 0), Take());

        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal([(true, 4), (true, 0), (false, 0)], Enumerable.Range(0, 3).Select(_ => Take()));

        time.Advance(TimeSpan.FromDays(1));
        Assert.Equal((true, 1), Take());

        (bool, int) Take() => (budget.TryTake(out var missed), missed);
    }
}
