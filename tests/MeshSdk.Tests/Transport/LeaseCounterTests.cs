using MeshSdk.Transport;

namespace MeshSdk.Tests.Transport;

public sealed class LeaseCounterTests
{
    [Fact]
    public void Leases_are_counted()
    {
        var counter = new LeaseCounter();
        Assert.True(counter.Acquire());
        Assert.True(counter.Acquire());
        Assert.Equal(2, counter.Count);
        Assert.False(counter.Release());
        Assert.False(counter.Release());
        Assert.Equal(0, counter.Count);
    }

    [Fact]
    public void Retiring_an_idle_counter_says_so()
    {
        var counter = new LeaseCounter();
        Assert.True(counter.Retire());
        Assert.True(counter.IsRetired);
    }

    [Fact]
    public void The_last_lease_of_a_retired_counter_says_so()
    {
        var counter = new LeaseCounter();
        counter.Acquire();
        counter.Acquire();
        Assert.False(counter.Retire());
        Assert.False(counter.Release());
        Assert.True(counter.Release());
    }

    [Fact]
    public void A_retired_counter_gives_no_lease()
    {
        var counter = new LeaseCounter();
        counter.Acquire();
        counter.Retire();
        Assert.False(counter.Acquire());
        Assert.Equal(2, counter.Count);
        Assert.False(counter.Release()); // the refused one has to be given back
        Assert.True(counter.Release());
    }
}
