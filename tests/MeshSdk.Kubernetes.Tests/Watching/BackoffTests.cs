using CsCheck;
using MeshSdk.Kubernetes.Watching;

namespace MeshSdk.Kubernetes.Tests.Watching;

public sealed class BackoffTests
{
    [Fact]
    public void Delays_grow_from_one_second_to_thirty_and_never_leave_these_bounds() => Gen.Select(Gen.Int, Gen.Int[1, 50]).Sample((seed, count) =>
    {
        var backoff = new Backoff(new Random(seed));
        for (var i = 0; i < count; i++)
        {
            var delay = backoff.Next().TotalSeconds;
            var least = Math.Min(Math.Pow(2, i), 20);
            Assert.InRange(delay, least, least * 1.5);
            Assert.InRange(delay, 1, 30);
        }

        backoff.Reset();
        Assert.InRange(backoff.Next().TotalSeconds, 1, 1.5);
    });

    [Fact]
    public void Two_processes_do_not_come_back_together() =>
        Assert.NotEqual(new Backoff(new Random(1)).Next(), new Backoff(new Random(2)).Next());
}
