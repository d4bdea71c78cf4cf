using CsCheck;
using MeshSdk.Model;
using MeshSdk.Resilience;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Tests.Resilience;

public sealed class RetryBudgetStateTests
{
    private sealed record Step(int WaitMs, bool IsRetry);

    private static readonly Gen<Step[]> Steps = Gen.Select(Gen.Int[0, 400], Gen.Bool, static (wait, retry) => new Step(wait, retry)).Array[1, 300];

    private static readonly Gen<RetryBudget> Budgets = Gen.Select(
        Gen.Int[0, 100], Gen.Int[1, 20], Gen.Int[0, 10], Gen.Int[1, 20],
        static (percent, interval, min, minInterval) => new RetryBudget(percent, TimeSpan.FromSeconds(interval), min, TimeSpan.FromSeconds(minInterval)));

    // The windows look back over their stretch and at most one slice more. Whatever lies between decides either way.
    [Fact]
    public void It_allows_what_the_budget_allows_and_refuses_what_it_does_not() => Gen.Select(Budgets, Steps).Sample(static (budget, steps) =>
    {
        var time = new FakeTimeProvider();
        var state = new RetryBudgetState(budget, time);
        List<TimeSpan> requests = [], retries = [];
        var now = TimeSpan.Zero;
        foreach (var step in steps)
        {
            time.Advance(TimeSpan.FromMilliseconds(step.WaitMs));
            now += TimeSpan.FromMilliseconds(step.WaitMs);
            if (!step.IsRetry)
            {
                state.Sending();
                requests.Add(now);
                continue;
            }

            var isAllowed = state.TryRetry();
            var slice = budget.Interval / SlidingCount.Slices;
            var (least, most) = (Within(retries, budget.Interval), Within(retries, budget.Interval + slice));
            var (fewest, all) = (Within(requests, budget.Interval), Within(requests, budget.Interval + slice));
            var granted = Within(retries, budget.MinInterval);
            var grantedAtMost = Within(retries, budget.MinInterval + (budget.MinInterval / SlidingCount.Slices));
            if (grantedAtMost < budget.MinRetries || (most + 1) * 100 <= budget.Percent * (fewest + 1))
            {
                Assert.True(isAllowed);
            }

            if (granted >= budget.MinRetries && (least + 1) * 100 > budget.Percent * (all + 1))
            {
                Assert.False(isAllowed);
            }

            if (isAllowed)
            {
                state.Sending();
                requests.Add(now);
                retries.Add(now);
            }
        }

        int Within(List<TimeSpan> times, TimeSpan stretch) => times.Count(t => t > now - stretch);
    }, iter: 300);

    [Fact]
    public void The_least_is_allowed_in_any_stretch_even_where_nothing_else_is()
    {
        var time = new FakeTimeProvider();
        var state = new RetryBudgetState(new RetryBudget(0, TimeSpan.FromSeconds(10), 1, TimeSpan.FromSeconds(1)), time);
        for (var i = 0; i < 10; i++)
        {
            Assert.True(state.TryRetry());
            Assert.False(state.TryRetry());
            time.Advance(TimeSpan.FromSeconds(1.1));
        }
    }
}
